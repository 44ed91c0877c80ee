import type { Texts } from './texts.ts'

export const de: Texts = {
  skip: 'Zum Inhalt',
  request: 'Anfrage',
  back: {
    title: 'Zurück zur Anwendung',
    heading: 'Einen Moment',
    says: 'Sie sind auf dem Weg zurück zur Anwendung.',
    button: 'Weiter',
    needsScript: 'Diese Anwendung braucht JavaScript, um weiterzumachen.',
  },
  application: { of: (client) => `Zu ${client}:`, policy: 'Datenschutzerklärung', terms: 'Nutzungsbedingungen' },
  consent: {
    title: (client) => `${client} erlauben?`,
    heading: (client) => `${client} bittet um Zugriff`,
    nothing: 'Gefragt wird nur, ob Sie weitermachen möchten.',
    deny: 'Ablehnen',
    allow: 'Erlauben',
    signedInAs: 'Angemeldet als',
    notYou: 'Nicht Sie?',
    accountAt: (host) => `Ihr Konto bei ${host}`,
    appOnDevice: (scheme) => `Eine App auf diesem Gerät (${scheme})`,
    thisComputer: (host) => `${host} (dieser Computer)`,
    lastsOnce: (duration, client) => `Gilt ${duration}, danach muss ${client} erneut fragen.`,
    lasts: (longest, idle) => `Gilt bis zu ${longest} und endet nach ${idle} ohne Nutzung.`,
    takeBack: (client, host) =>
      `Früher zurücknehmen: Melden Sie sich bei ${client}${host === null ? '' : ` oder bei ${host}`} ab.`,
    takeBackAt: 'Sie können das jederzeit zurücknehmen unter',
    useApi: (api) => `${api} für Sie verwenden`,
    useScope: (scope) => `„${scope}“ verwenden`,
    details: 'Nur dieses Mal',
    scopes: {
      openid: 'Erkennen, dass Sie es sind, wenn Sie sich anmelden',
      profile: 'Ihren Namen und Ihr Profil sehen',
      email: 'Ihre E-Mail-Adresse sehen',
      address: 'Ihre Postanschrift sehen',
      phone: 'Ihre Telefonnummer sehen',
      offline_access: 'Verbunden bleiben, während Sie fort sind',
    },
  },
  errors: {
    badRequest: {
      title: 'Diese Anwendung hat eine Anfrage gesendet, die wir nicht beantworten können',
      message:
        'Etwas stimmt nicht mit der Art, wie die Anwendung Sie anmelden will. Hier können Sie nichts daran ändern: Bitte sagen Sie den Betreibern der Anwendung Bescheid und nennen Sie, was unten steht.',
    },
    ours: {
      title: 'Etwas ist schiefgegangen',
      message: 'Der Fehler liegt bei uns. Bitte versuchen Sie es gleich noch einmal.',
    },
    theirs: {
      title: 'Diese Anfrage lässt sich nicht beantworten',
      message:
        'Gehen Sie zurück und versuchen Sie es erneut. Geschieht es wieder, sagen Sie den Betreibern der Anwendung Bescheid, von der Sie kommen.',
    },
    signOut: {
      title: 'Diese Anwendung hat eine Abmeldung angefragt, die wir nicht beantworten können',
      message: 'Sie sind noch angemeldet. Sie können sich hier abmelden, ohne zur Anwendung zurückzugehen.',
    },
  },
  closed: {
    foreign: {
      title: 'Diese Seite gehört zu einem anderen Browser',
      message:
        'Eine Anmeldung muss in dem Browser und Fenster beendet werden, in dem sie begann, mit eingeschalteten Cookies. Hat Ihnen jemand diesen Link geschickt, benutzen Sie ihn nicht: Öffnen Sie die Anwendung selbst und melden Sie sich dort an.',
    },
    finished: {
      title: 'Sie waren schon hier',
      message:
        'Diese Anmeldung ist abgeschlossen, und ihre Antwort wurde gesendet. Gehen Sie zur Anwendung zurück, um weiterzumachen oder neu zu beginnen.',
    },
    expired: {
      title: 'Diese Anmeldung hat zu lange gedauert',
      message:
        'Zu Ihrer Sicherheit gilt diese Seite nur eine Weile. Es wurde nichts gesendet. Beginnen Sie in der Anwendung von vorn.',
    },
    startAgain: 'Neu beginnen',
    goTo: (client) => `Zu ${client}`,
  },
  device: {
    pageName: 'Ihrem Gerät',
    title: 'Gerät verbinden',
    errorTitle: 'Fehler: Gerät verbinden',
    enter: 'Geben Sie den Code ein, den Ihr Gerät zeigt.',
    check: 'Prüfen Sie, ob Ihr Gerät genau diesen Code zeigt.',
    code: 'Code',
    button: 'Weiter',
    missing: 'Geben Sie den Code ein, den Ihr Gerät zeigt',
    malformed: 'Ein Code hat acht Buchstaben, zum Beispiel BDWP-HQKX',
    tooMany: 'Es wurden zu viele Codes versucht. Warten Sie zehn Minuten und versuchen Sie es dann erneut.',
    unknown:
      'Dieser Code ist unbekannt, benutzt oder zu alt. Sehen Sie noch einmal auf Ihr Gerät, oder beginnen Sie dort von vorn.',
    used: 'Dieser Code wurde schon benutzt oder ist zu alt.',
    compare: 'Ihr Gerät muss diesen Code zeigen',
    warning:
      'Erlauben Sie es nur, wenn Sie selbst damit begonnen haben, an einem Gerät, das Sie sehen. Hat Ihnen jemand diesen Code geschickt, lehnen Sie ab.',
  },
  approvals: {
    pageName: 'Ihren Freigaben',
    title: 'Ihre Freigaben',
    none: 'Nichts wartet auf Sie',
    some: 'Jemand fragt nach Ihnen',
    noneSays: 'Bittet eine Anwendung um Ihre Freigabe, erscheint das hier. Öffnen Sie diese Seite dann noch einmal.',
    waits: (duration) => `Wartet noch: ${duration}`,
    look: 'Ansehen',
    compare: 'Das andere Gerät muss dasselbe zeigen',
    warning: 'Erlauben Sie es nur, wenn Sie es erwarten. Haben Sie nichts begonnen, lehnen Sie ab.',
  },
  approval: {
    title: (client) => `${client} auf einem anderen Gerät erlauben?`,
    elsewhere: 'Auf einem anderen Gerät',
    allowed: {
      title: 'Sie können zu Ihrem Gerät zurückgehen',
      message: 'Dort geht es in ein paar Sekunden von selbst weiter. Sie können diese Seite schließen.',
    },
    denied: {
      title: 'Der Zugriff wurde abgelehnt',
      message: 'Das Gerät hat nichts bekommen. Sie können diese Seite schließen.',
    },
  },
  account: {
    pageName: 'Ihrem Konto',
    title: 'Ihr Konto',
    signOut: 'Abmelden',
    applications: 'Anwendungen mit Zugriff',
    says: (host) => `Was Sie Anwendungen mit Ihrem Konto bei ${host} erlaubt haben.`,
    since: 'Seit',
    inUse: 'Hat gerade Zugriff',
    idle: 'Unbenutzt: hat gerade nichts in der Hand und muss nicht erneut fragen',
    notAsked: (host) => `Bei dieser wurden Sie nicht gefragt: Sie gehört zu ${host}.`,
    gone: 'Diese Anwendung ist hier nicht mehr registriert.',
    once: 'Einmal erlaubt',
    withdraw: 'Zugriff entziehen',
    none: 'Keine Anwendung hat Zugriff',
    noneSays: 'Erlauben Sie einer Anwendung etwas, erscheint sie hier, und hier können Sie es zurücknehmen.',
    withdrawTitle: (client) => `${client} den Zugriff entziehen?`,
    withdrawSays: (client, wasAsked) => [
      `Was ${client} in Ihrem Namen bekommen hat, gilt sofort nicht mehr, und die Anwendung erfährt, dass Sie abgemeldet sind.`,
      'Was sie schon kopiert hat, bleibt bei ihr; bitten Sie die Betreiber, es zu löschen.',
      wasAsked
        ? 'Melden Sie sich dort wieder an, muss sie Sie erneut fragen.'
        : 'Sie können sich dort wieder anmelden; sie gehört zum Haus und muss nicht fragen.',
    ],
    keep: 'Lassen, wie es ist',
    withdrawn: (client) => `${client} hat keinen Zugriff mehr.`,
    nothingThere: (client) => `${client} hat keinen Zugriff: Es gibt nichts zu entziehen.`,
    sessions: 'Wo Sie angemeldet sind',
    here: 'Dieser Browser',
    someBrowser: 'Ein Browser',
    on: (browser, platform) => `${browser} auf ${platform}`,
    signedIn: 'Angemeldet',
    used: 'Zuletzt benutzt',
    opened: 'Geöffnet',
    methods: {
      pwd: 'mit Passwort',
      otp: 'mit Einmalcode',
      hwk: 'mit Sicherheitsschlüssel',
      swk: 'mit Passkey',
      fpt: 'mit Fingerabdruck',
      face: 'mit dem Gesicht',
      pin: 'mit PIN',
      sms: 'mit einer SMS',
      mfa: 'in zwei Schritten',
    },
    endOne: 'Dort abmelden',
    endOthers: 'Überall sonst abmelden',
    endedOne: 'Jener Browser ist abgemeldet.',
    endedOthers: (count) =>
      count === 1 ? 'Ein anderer Browser ist abgemeldet.' : `${count} andere Browser sind abgemeldet.`,
    endedNone: 'Es war nichts mehr abzumelden.',
    nowhereElse: 'Sonst sind Sie nirgends angemeldet.',
    oldForm: {
      title: 'Diese Seite gilt hier nicht',
      message:
        'Sie gehört zu einer anderen Anmeldung, oder eine andere Website hat sie geschickt. Es wurde nichts geändert. Öffnen Sie Ihr Konto noch einmal und versuchen Sie es erneut.',
    },
  },
  signOut: {
    title: 'Abmelden?',
    signedInAs: 'Sie sind angemeldet als',
    asks: 'möchte Sie abmelden.',
    backTo: (client) => `Zurück zu ${client}`,
    consequence:
      'Anwendungen, die Sie mit dieser Anmeldung geöffnet haben, verlieren ihren Zugriff. Schließen Sie diese Seite, um angemeldet zu bleiben.',
    button: 'Abmelden',
    doneTitle: 'Sie sind abgemeldet',
    doneSays: 'Schließen Sie an einem gemeinsam genutzten Computer auch das Browserfenster.',
    account: 'Wo Sie angemeldet sind und was Zugriff hat',
  },
  justNow: 'gerade eben',
  units: [
    [86_400, 'Tag', 'Tage'],
    [3600, 'Stunde', 'Stunden'],
    [60, 'Minute', 'Minuten'],
    [1, 'Sekunde', 'Sekunden'],
  ],
}
