import type { Texts } from './texts.ts'

export const en: Texts = {
  skip: 'Skip to content',
  request: 'Request',
  back: {
    title: 'Back to the application',
    heading: 'One moment',
    says: 'You are on your way back to the application.',
    button: 'Continue',
    needsScript: 'This application needs JavaScript to go on.',
  },
  application: { of: (client) => `About ${client}:`, policy: 'Privacy policy', terms: 'Terms of service' },
  consent: {
    title: (client) => `Allow ${client}?`,
    heading: (client) => `${client} asks for access`,
    nothing: 'It asks for nothing beyond your permission to go on.',
    deny: 'Deny',
    allow: 'Allow',
    signedInAs: 'Signed in as',
    notYou: 'Not you?',
    accountAt: (host) => `Your account at ${host}`,
    appOnDevice: (scheme) => `An app on this device (${scheme})`,
    thisComputer: (host) => `${host} (this computer)`,
    lastsOnce: (duration, client) => `Lasts ${duration}, then ${client} has to ask again.`,
    lasts: (longest, idle) => `Lasts up to ${longest}, and ends after ${idle} without use.`,
    takeBack: (client, host) =>
      `To take it back sooner, sign out of ${client}${host === null ? '' : ` or of ${host}`}.`,
    useApi: (api) => `Use ${api} for you`,
    useScope: (scope) => `Use “${scope}”`,
    details: 'This time only',
    scopes: {
      openid: 'Know that it is you when you sign in',
      profile: 'See your name and profile',
      email: 'See your email address',
      address: 'See your postal address',
      phone: 'See your phone number',
      offline_access: 'Stay connected while you are away',
    },
  },
  errors: {
    badRequest: {
      title: 'This application sent a request we cannot answer',
      message:
        'Something is wrong with how the application asks to sign you in. You can do nothing about it here: please tell the people who run the application, and quote what stands below.',
    },
    ours: { title: 'Something went wrong', message: 'The fault is on our side. Please try again in a moment.' },
    theirs: {
      title: 'This request cannot be answered',
      message: 'Go back and try again; if it happens again, tell whoever runs the application that sent you here.',
    },
    signOut: {
      title: 'This application sent a sign-out request we cannot answer',
      message: 'You are not signed out yet. You can do that here, without going back to the application.',
    },
  },
  closed: {
    foreign: {
      title: 'This page belongs to another browser',
      message:
        'Signing in has to be finished in the browser and window in which it began, with cookies switched on. If someone sent you this link, do not use it: open the application yourself and sign in there.',
    },
    finished: {
      title: 'You have been here already',
      message:
        'This sign-in is finished, and its answer was sent. Go back to the application to continue or to start again.',
    },
    expired: {
      title: 'This sign-in took too long',
      message:
        'For your safety this page stops working after a while. Nothing was sent. Start again at the application.',
    },
    startAgain: 'Start again',
    goTo: (client) => `Go to ${client}`,
  },
  device: {
    pageName: 'your device',
    title: 'Connect a device',
    errorTitle: 'Error: Connect a device',
    enter: 'Enter the code that your device shows.',
    check: 'Check that your device shows exactly this code.',
    code: 'Code',
    button: 'Continue',
    missing: 'Enter the code that your device shows',
    malformed: 'A code has eight letters, such as BDWP-HQKX',
    tooMany: 'Too many codes were tried. Wait ten minutes, then try again.',
    unknown: 'This code is unknown, used or too old. Look at your device again, or start there once more.',
    used: 'This code was used or is too old.',
    compare: 'Your device must show this code',
    warning:
      'Allow this only if you started it yourself on a device you can see. If someone sent you this code, deny it.',
  },
  approvals: {
    pageName: 'your approvals',
    title: 'Your approvals',
    none: 'Nothing waits for you',
    some: 'Somebody asks for you',
    noneSays: 'When an application asks for your approval, it appears here. Open this page again then.',
    waits: (duration) => `Waits for another ${duration}`,
    look: 'Look at it',
    compare: 'The other device must show this too',
    warning: 'Allow this only if you expect it. If you did not start anything, deny it.',
  },
  approval: {
    title: (client) => `Allow ${client} on another device?`,
    elsewhere: 'On another device',
    allowed: {
      title: 'You can go back to your device',
      message: 'It goes on by itself in a few seconds. You can close this page.',
    },
    denied: { title: 'Access was denied', message: 'Nothing was given to the device. You can close this page.' },
  },
  signOut: {
    title: 'Sign out?',
    signedInAs: 'You are signed in as',
    asks: 'asks to sign you out.',
    backTo: (client) => `Back to ${client}`,
    consequence: 'Applications you opened with this sign-in lose their access. Close this page to stay signed in.',
    button: 'Sign out',
    doneTitle: 'You are signed out',
    doneSays: 'On a shared computer, close the browser’s window as well.',
  },
  units: [
    [86_400, 'day', 'days'],
    [3600, 'hour', 'hours'],
    [60, 'minute', 'minutes'],
    [1, 'second', 'seconds'],
  ],
}
