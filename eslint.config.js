import { defineConfig, globalIgnores } from 'eslint/config';
import vue from 'eslint-plugin-vue';
import tseslint from 'typescript-eslint';
import { layerConfigs } from './eslint.layers.config.js';

export default defineConfig(
  globalIgnores(['out/', 'dist/', 'coverage/', 'models/', 'test/golden/', '.runs/', '.cache/']),
  tseslint.configs.recommended,
  {
    rules: {
      'no-restricted-exports': ['error', { restrictDefaultExports: { direct: true } }],
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_' }],
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/no-non-null-assertion': 'off',
      eqeqeq: 'error',
    },
  },
  {
    // Promises nobody waits for are how a failed write goes unnoticed: these three need types.
    files: ['src-main/**/*.ts', 'test/**/*.ts'],
    languageOptions: { parserOptions: { projectService: true } },
    rules: {
      '@typescript-eslint/no-floating-promises': 'error',
      '@typescript-eslint/no-misused-promises': 'error',
      '@typescript-eslint/await-thenable': 'error',
    },
  },
  {
    files: ['src-renderer/**/*.vue'],
    extends: [vue.configs['flat/recommended']],
    // How templates are laid out is Prettier's business.
    rules: vue.configs['no-layout-rules'].rules,
    languageOptions: { parserOptions: { parser: tseslint.parser } },
  },
  // Build tools want their configuration as a default export.
  { files: ['**/*.config.{ts,js}'], rules: { 'no-restricted-exports': 'off' } },
  layerConfigs,
);
