export type Settings = { readonly [name: string]: unknown };

/** A quiet workbench: nothing asks, updates, animates or goes to the network. */
export const settings: Settings = {
  'telemetry.telemetryLevel': 'off',
  'update.mode': 'none',
  'extensions.autoUpdate': false,
  'extensions.autoCheckUpdates': false,
  'extensions.ignoreRecommendations': true,
  'workbench.startupEditor': 'none',
  'workbench.enableExperiments': false,
  'workbench.settings.enableNaturalLanguageSearch': false,
  'workbench.tips.enabled': false,
  'workbench.reduceMotion': 'on',
  'workbench.secondarySideBar.defaultVisibility': 'hidden',
  'chat.disableAIFeatures': true,
  'git.enabled': false,
  'npm.fetchOnlinePackageInfo': false,
  'json.schemaDownload.enable': false,
  'files.hotExit': 'off',
  'editor.inlayHints.enabled': 'on',
  'window.commandCenter': false,
  // The tests choose between light, dark and high contrast through the browser.
  'window.autoDetectColorScheme': true,
};
