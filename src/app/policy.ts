import type { Config } from '../config/schema.ts';
import type { InvitationCode } from '../core/invitation.ts';
import type { ApplicationsParts } from '../gateway/applications.ts';
import { canonicalHost } from '../gateway/host.ts';
import { createLead, type Lead } from '../gateway/lead.ts';
import { createPeople, type People } from '../gateway/people.ts';
import { createPortal } from '../gateway/portal.ts';
import { createReturnAddresses, type ReturnAddresses } from '../gateway/return-address.ts';
import type { RuleOf } from '../gateway/rules.ts';
import type { IsWideWorker } from '../gateway/service-worker.ts';
import { iconPathOf } from '../pages/icons.ts';
import { type Branding, brandingOf } from './branding.ts';
import { type Gate, gateOf, type PlaceOf } from './gate.ts';
import { type InvitationLink, invitationLinkOf } from './invitation-link.ts';
import { ownPages } from './own-paths.ts';
import { type PortalHosts, portalHostsOf } from './portal-only.ts';

/** What is made of `resources`, `networks` and `portal`: all that a changed file changes while the service runs. */
export interface Policy {
	readonly gate: Gate;
	readonly returns: ReturnAddresses;
	readonly lead: Lead;
	readonly people: People;
	readonly portalHosts: PortalHosts;
	readonly branding: Branding;
	/** Where the code of an invitation is accepted. */
	invitationLink(code: InvitationCode): InvitationLink;
}

/** `consolePath`: where the console stands; absent: it is not served. Throws a `ConfigError` with all that is wrong. */
export function policyOf(config: Config, consolePath: string | undefined, placeOf?: PlaceOf): Policy {
	const gate = gateOf(config, placeOf);
	const branding = brandingOf(config, placeOf);
	const { url } = config.portal;
	const returns = createReturnAddresses({
		insecure: config.http.insecure,
		hosts: [...gate.hosts, ...(url ? [new URL(url).host] : [])],
	});
	// Without sessions there is nothing to sign in to.
	const { sessions } = config.auth;
	const portal = createPortal({
		url: sessions ? url : undefined,
		consolePath: sessions ? consolePath : undefined,
		returns,
	});
	return {
		gate,
		returns,
		lead: createLead(portal, branding.look),
		people: createPeople(portal, branding.look),
		portalHosts: portalHostsOf(config),
		branding,
		invitationLink: (code) => invitationLinkOf(config, code),
	};
}

/** The policy in force. Its parts ask the present one each time, so that their users need not know that it changes. */
export interface LivePolicy {
	readonly ruleOf: RuleOf;
	readonly isWideWorker: IsWideWorker;
	readonly returns: ReturnAddresses;
	readonly lead: Lead;
	readonly people: People;
	readonly present: Policy;
	/** From here on new requests are judged by this one. */
	put(policy: Policy): void;
}

export function createLivePolicy(first: Policy): LivePolicy {
	let present = first;
	return {
		ruleOf: (request) => present.gate.ruleOf(request),
		isWideWorker: (req, script, rule) => present.gate.isWideWorker(req, script, rule),
		returns: {
			parse: (text) => present.returns.parse(text),
			admits: (url) => present.returns.admits(url),
			isOurs: (url, askedOrigin) => present.returns.isOurs(url, askedOrigin),
		},
		lead: {
			redirect: (ctx, refusal, asked) => present.lead.redirect(ctx, refusal, asked),
			tell: (ctx, refusal, asked) => present.lead.tell(ctx, refusal, asked),
		},
		people: { answers: (ctx, waiting, answers) => present.people.answers(ctx, waiting, answers) },
		get present() {
			return present;
		},
		put(policy) {
			present = policy;
		},
	};
}

export function applicationsParts(
	config: Config,
	policy: LivePolicy,
	consolePath: string | undefined,
): Omit<ApplicationsParts, 'sessions'> {
	const pages = new Set(ownPages(config));
	return {
		ruleOf: policy.ruleOf,
		places: () => policy.present.gate.applications.places,
		iconPath: consolePath === undefined ? undefined : iconPathOf(consolePath),
		isOwnPage(host, path) {
			const { portalHosts } = policy.present;
			const canonical = canonicalHost(host);
			return pages.has(path) && (portalHosts === undefined || (canonical !== undefined && portalHosts.has(canonical)));
		},
	};
}
