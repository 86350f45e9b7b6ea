import type { Settings } from '../../api/calls/contract';

/** What the menu and the system's dialogs say. */
export interface MenuTexts {
  file: string;
  open: string;
  openFolder: string;
  recent: string;
  clearRecent: string;
  save: string;
  settings: string;
  close: string;
  quit: string;
  edit: string;
  undo: string;
  cut: string;
  copy: string;
  paste: string;
  view: string;
  fit: string;
  actual: string;
  worst: string;
  fullScreen: string;
  window: string;
  minimise: string;
  zoom: string;
  hide: string;
  hideOthers: string;
  help: string;
  about: string;
  photos: string;
  allFiles: string;
}

export const menuTexts: Record<Settings['language'], MenuTexts> = {
  en: {
    file: 'File',
    open: 'Open…',
    openFolder: 'Open Folder…',
    recent: 'Open Recent',
    clearRecent: 'Clear List',
    save: 'Save',
    settings: 'Settings…',
    close: 'Close',
    quit: 'Quit Lavi',
    edit: 'Edit',
    undo: 'Undo',
    cut: 'Cut',
    copy: 'Copy',
    paste: 'Paste',
    view: 'View',
    fit: 'Fit',
    actual: 'Actual Pixels',
    worst: 'Worst Spot',
    fullScreen: 'Full Screen',
    window: 'Window',
    minimise: 'Minimize',
    zoom: 'Zoom',
    hide: 'Hide Lavi',
    hideOthers: 'Hide Others',
    help: 'Help',
    about: 'About Lavi',
    photos: 'Photos and Lavi files',
    allFiles: 'All files',
  },
  de: {
    file: 'Datei',
    open: 'Öffnen …',
    openFolder: 'Ordner öffnen …',
    recent: 'Zuletzt geöffnet',
    clearRecent: 'Liste leeren',
    save: 'Speichern',
    settings: 'Einstellungen …',
    close: 'Schließen',
    quit: 'Lavi beenden',
    edit: 'Bearbeiten',
    undo: 'Rückgängig',
    cut: 'Ausschneiden',
    copy: 'Kopieren',
    paste: 'Einfügen',
    view: 'Ansicht',
    fit: 'Einpassen',
    actual: 'Originalgröße',
    worst: 'Schlechteste Stelle',
    fullScreen: 'Vollbild',
    window: 'Fenster',
    minimise: 'Minimieren',
    zoom: 'Zoomen',
    hide: 'Lavi ausblenden',
    hideOthers: 'Andere ausblenden',
    help: 'Hilfe',
    about: 'Über Lavi',
    photos: 'Fotos und Lavi-Dateien',
    allFiles: 'Alle Dateien',
  },
};
