import type { VNode } from 'vue';
import { h } from 'vue';

/** `code` and **strong** inside a line. */
function inline(text: string): (VNode | string)[] {
  return text.split(/(`[^`]+`|\*\*[^*]+\*\*)/).map((part) => {
    if (part.startsWith('`')) return h('code', part.slice(1, -1));
    return part.startsWith('**') ? h('strong', part.slice(2, -2)) : part;
  });
}

const cells = (line: string) =>
  line
    .replace(/^\||\|$/g, '')
    .split('|')
    .map((text) => text.trim());

/**
 * What a model card is written in: headings, paragraphs, lists and tables of Markdown, as elements.
 * Nothing in the text is ever read as HTML.
 */
export function markdown(source: string): VNode[] {
  return source
    .split(/\n{2,}/)
    .map((block) => block.split('\n').filter((line) => line.trim()))
    .filter((lines) => lines.length > 0)
    .flatMap((lines) => {
      const [first = ''] = lines;
      const heading = /^#+\s+(.*)/.exec(first);
      if (heading) {
        const rest = lines.slice(1).join('\n');
        return [h('h3', inline(heading[1]!)), ...(rest ? markdown(rest) : [])];
      }
      if (/^\|/.test(first)) {
        const rows = lines.filter((line) => !/^\|[\s:|-]+\|?$/.test(line)).map(cells);
        const row = (texts: string[], tag: 'td' | 'th') =>
          h(
            'tr',
            texts.map((text) => h(tag, inline(text))),
          );
        return [
          h('table', [row(rows[0] ?? [], 'th'), ...rows.slice(1).map((one) => row(one, 'td'))]),
        ];
      }
      if (/^[-*]\s/.test(first)) {
        const items = lines
          .join('\n')
          .split(/^[-*]\s+/m)
          .filter(Boolean);
        return [
          h(
            'ul',
            items.map((item) => h('li', inline(item.replaceAll('\n', ' ')))),
          ),
        ];
      }
      return [h('p', inline(lines.join(' ')))];
    });
}
