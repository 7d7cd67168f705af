// A login provider that is not ours (npm oidc-provider), for test_oidc_provider.py. It reads one JSON object from standard input:
// { modules, client, person, bsn, acr, encrypt }, prints its port when it listens, and ends when standard input closes.
// It asks the person nothing: whoever comes is `person`, at level `acr` or, when that is null, at the level that was asked.
import { createServer } from 'node:http';
import { createRequire } from 'node:module';
import { createInterface } from 'node:readline';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { generateKeyPairSync } from 'node:crypto';

const lines = createInterface({ input: process.stdin });
const settings = JSON.parse((await lines[Symbol.asyncIterator]().next()).value);
const resolve = createRequire(path.join(settings.modules, 'from-here.js')).resolve;
const { default: Provider } = await import(pathToFileURL(resolve('oidc-provider')).href);

const ownKey = (kid, use) => ({
  ...generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey.export({ format: 'jwk' }),
  kid,
  use,
  alg: use === 'sig' ? 'ES256' : 'ECDH-ES',
});

// The system gives a free port, and the provider is made for the address that this is.
const server = createServer();
await new Promise((listening) => server.listen(0, '127.0.0.1', listening));
const { port } = server.address();
const provider = new Provider(`http://127.0.0.1:${port}`, {
  clients: [{
    ...settings.client,
    token_endpoint_auth_method: 'private_key_jwt',
    id_token_signed_response_alg: 'ES256',
    ...(settings.encrypt && { id_token_encrypted_response_alg: 'ECDH-ES', id_token_encrypted_response_enc: 'A256GCM' }),
  }],
  jwks: { keys: [ownKey('sig-1', 'sig')] },
  cookies: { keys: ['only for a test'] },
  acrValues: ['low', 'substantial', 'high'].map((level) => `http://eidas.europa.eu/LoA/${level}`),
  claims: { openid: ['sub'], bsn: null },
  findAccount: (_, id) => ({ accountId: id, claims: () => ({ sub: id, bsn: settings.bsn }) }),
  features: {
    devInteractions: { enabled: false },
    pushedAuthorizationRequests: { enabled: true, requirePushedAuthorizationRequests: true },
    claimsParameter: { enabled: true },
    encryption: { enabled: true },
    backchannelLogout: { enabled: true },
  },
  // It refuses to call addresses on this machine, where the source of the test listens for logout messages.
  fetch: (url, { dispatcher, ...options }) => fetch(url, options),
  pkce: { required: () => true },
  ttl: { IdToken: 300, AuthorizationCode: 60, Session: 600, Interaction: 600, Grant: 600, AccessToken: 60 },
  interactions: { url: (_, interaction) => `/visit/${interaction.uid}` },
});

// The "person": each question of the provider is answered at once.
provider.use(async (ctx, next) => {
  if (!ctx.path.startsWith('/visit/')) return next();
  const { prompt, params, session } = await provider.interactionDetails(ctx.req, ctx.res);
  if (settings.person === null) {
    return provider.interactionFinished(ctx.req, ctx.res, { error: 'access_denied' });
  }
  if (prompt.name === 'login') {
    const acr = settings.acr ?? params.acr_values;
    return provider.interactionFinished(ctx.req, ctx.res, { login: { accountId: settings.person, acr } });
  }
  const grant = new provider.Grant({ accountId: session.accountId, clientId: params.client_id });
  grant.addOIDCScope(params.scope);
  grant.addOIDCClaims(['bsn']);
  return provider.interactionFinished(ctx.req, ctx.res, { consent: { grantId: await grant.save() } });
});

for (const fault of ['server_error', 'backchannel.error']) provider.on(fault, (_, error) => console.error(error));
server.on('request', provider.callback());
console.log(port);
lines.on('close', () => process.exit(0));
