import { pathToFileURL } from 'node:url';

/** A program that puts files on the clipboard, or bytes in a format that file managers read. */
export type ClipboardFiles =
  { command: string; args: string[]; input: string } | { format: string; bytes: Buffer };

/**
 * How files (not their content) go on the clipboard. Electron has no call for that, and each system
 * has its own form.
 *
 * @param paths absolute
 */
export function clipboardFiles(
  paths: string[],
  platform: NodeJS.Platform = process.platform,
  desktop = process.env['XDG_CURRENT_DESKTOP'] ?? '',
): ClipboardFiles {
  if (platform === 'win32') {
    // The system's own list of files is a structure of handles: PowerShell knows how to make it. Paths
    // go in by stdin, a line each, so that nothing in them is read as code.
    const script =
      '$in = New-Object IO.StreamReader([Console]::OpenStandardInput(), [Text.Encoding]::UTF8); ' +
      'Set-Clipboard -LiteralPath ($in.ReadToEnd() -split "`n" | Where-Object { $_ })';
    const args = ['-NoProfile', '-NonInteractive', '-Command', script];
    return { command: 'powershell.exe', args, input: `${paths.join('\n')}\n` };
  }
  if (platform === 'darwin') {
    const strings = paths.map((path) => `<string>${escapeXml(path)}</string>`).join('');
    const list = `<plist version="1.0"><array>${strings}</array></plist>`;
    return { format: 'NSFilenamesPboardType', bytes: Buffer.from(list) };
  }
  const urls = paths.map((path) => pathToFileURL(path).href);
  // One format can be written: KDE reads the standard's, the others the one that says copy or cut.
  if (/KDE/i.test(desktop)) {
    return { format: 'text/uri-list', bytes: Buffer.from(`${urls.join('\r\n')}\r\n`) };
  }
  const text = ['copy', ...urls].join('\n');
  return { format: 'x-special/gnome-copied-files', bytes: Buffer.from(text) };
}

function escapeXml(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
