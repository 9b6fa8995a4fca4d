/** What tells who and where somebody is, and what it is called instead. */
export interface Places {
  home: string;
  user: string;
  host: string;
  /** Folders of the workspace. */
  folders: readonly string[];
}

/** Tokens of the hub, of the compute server (hexadecimal), and what a header or an address carries. */
const SECRETS = [
  /\bhf_[A-Za-z0-9]{8,}/g,
  /\b[0-9a-f]{40,}\b/gi,
  /(?<=\bBearer )\S+/g,
  /(?<=[?&](?:token|tkn|key|secret)=)[^&\s]+/gi,
  /(?<=:\/\/)[^/\s@]+(?=@)/g,
];

export function withoutSecrets(text: string): string {
  return SECRETS.reduce((rest, secret) => rest.replace(secret, '<secret>'), text);
}

/** A text that can be shown to strangers: no secret, no name of a person, a machine, or a folder above the workspace. */
export function anonymous(text: string, { home, user, host, folders }: Places): string {
  const named: [string, string][] = [
    ...folders.map((folder, index): [string, string] => [
      folder,
      folders.length > 1 ? `<workspace ${index + 1}>` : '<workspace>',
    ]),
    [home, '~'],
    [host, '<host>'],
    [user, '<user>'],
  ];
  // Longer ones first: a workspace mostly lies below the home folder.
  return named
    .filter(([name]) => name.length > 2)
    .sort(([a], [b]) => b.length - a.length)
    .reduce((rest, [name, instead]) => rest.replaceAll(name, instead), withoutSecrets(text));
}
