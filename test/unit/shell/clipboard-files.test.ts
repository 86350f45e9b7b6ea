import { describe, expect, it } from 'vitest';
import { clipboardFiles } from '../../../src-main/shell/electron/clipboard-files';

const paths = ['/home/me/süß & <new>.lavi', '/home/me/b c.lavi'];

describe('files on the clipboard', () => {
  it('are a list of addresses on Linux, with what to do where the desktop asks for it', () => {
    const urls = [
      'file:///home/me/s%C3%BC%C3%9F%20&%20%3Cnew%3E.lavi',
      'file:///home/me/b%20c.lavi',
    ];
    expect(clipboardFiles(paths, 'linux', 'GNOME')).toEqual({
      format: 'x-special/gnome-copied-files',
      bytes: Buffer.from(`copy\n${urls.join('\n')}`),
    });
    expect(clipboardFiles(paths, 'linux', 'KDE')).toEqual({
      format: 'text/uri-list',
      bytes: Buffer.from(`${urls.join('\r\n')}\r\n`),
    });
  });

  it('are a property list of paths on macOS, escaped', () => {
    const files = clipboardFiles(paths, 'darwin');
    const text = 'bytes' in files ? files.bytes.toString() : '';
    expect(text).toContain('<string>/home/me/süß &amp; &lt;new&gt;.lavi</string>');
    expect(files).toHaveProperty('format', 'NSFilenamesPboardType');
  });

  it('go through PowerShell on Windows, as text that is never read as code', () => {
    const evil = ["C:\\a'; rm b.lavi", 'C:\\$(x).lavi'];
    const files = clipboardFiles(evil, 'win32');
    expect(files).toMatchObject({ command: 'powershell.exe', input: `${evil.join('\n')}\n` });
    expect('args' in files && files.args.join(' ')).not.toContain('C:\\');
  });
});
