import { setTimeout as sleep } from 'node:timers/promises';
import test, { type ExecutionContext } from 'ava';
import { noHosts } from '../_support/hosts.ts';
import { noPostgres, startPostgres } from '../_support/postgres.ts';
import { noRedis } from '../_support/redis.ts';
import { type HostedRedis, type RedisTopology, startCluster, startSentinels } from '../_support/redis-topologies.ts';
import { until } from '../_support/server.ts';
import { runHistory, type Scene } from './history-run.ts';

/*
 * Two nodes over Sentinels, and over a Cluster, whose hosts are network namespaces: masters die, are replaced, lag behind, are
 * cut off, come back with an old snapshot, and our slot is moved. What may be lost is what was opened meanwhile.
 */

const wanted = 50_000;
const restMs = 1500;
/** Each fault takes seconds of servers that wait for each other, and there are six of them, twice. */
const tooLong = process.env.LONG === 'short' ? 'it takes minutes, and a short form would show nothing' : undefined;
const why = noRedis ?? noPostgres ?? noHosts ?? tooLong;

/** Milliseconds, less than anybody is taken for dead within. */
const lagMs = 800;

async function startBoth<T extends RedisTopology>(t: ExecutionContext, starting: Promise<T>) {
	const topology = await starting;
	t.teardown(() => topology.stop());
	const postgres = await startPostgres();
	t.teardown(() => postgres.stop());
	await topology.isWhole();
	const store = { sessions: topology.address, identities: await postgres.newDatabase() };
	return { topology, postgres, store, printed: () => postgres.printed() };
}

/** What a fault is followed by: another owner, and after it is over all as before, for nodes too. */
function around(topology: RedisTopology, { goesBack, ready }: Scene) {
	const lossy = (happen: (owner: HostedRedis) => Promise<void>) => () =>
		goesBack(async () => {
			await happen(await topology.owner());
			await topology.isWhole();
			await ready();
		});
	const strict = (happen: (owner: HostedRedis) => Promise<void>) => async () => {
		await happen(await topology.owner());
		await topology.isWhole();
		await ready();
	};
	return { another: topology.another, lossy, strict };
}

if (why === undefined) {
	const downAfterMs = 2000;
	/** On a busy machine, nobody is to be taken for dead who is not. */
	const nodeTimeoutMs = 4000;

	test.serial(`of ${wanted} acknowledged operations while masters behind Sentinels fail, none is undone`, async (t) => {
		const { topology, store, printed } = await startBoth(t, startSentinels(downAfterMs));
		const violations = await runHistory(t, {
			...{ store, wanted, restMs, printed },
			faults: (scene) => sentinelFaults(topology, scene),
		});
		t.deepEqual(violations, []);
	});

	test.serial(
		`of ${wanted} acknowledged operations while a Cluster fails and is resharded, none is undone`,
		async (t) => {
			const { topology, store, printed } = await startBoth(t, startCluster(nodeTimeoutMs));
			const violations = await runHistory(t, {
				...{ store, wanted, restMs, printed },
				faults: (scene) => clusterFaults(topology, scene),
			});
			t.deepEqual(violations, []);
		},
	);

	test.serial('a history finds it where ends are not on record and a replica takes over that lags', async (t) => {
		const { topology, postgres, store, printed } = await startBoth(t, startSentinels(20_000));
		const violations = await runHistory(t, {
			...{ store, wanted: 50_000, restMs, printed, untilFound: true },
			faults: (scene) => ({
				'ends forgotten': async () => {
					await postgres.query(
						store.identities,
						`CREATE OR REPLACE FUNCTION latchkey.forget() RETURNS trigger LANGUAGE plpgsql AS
							$$BEGIN DELETE FROM latchkey.ended_session WHERE key = NEW.key; RETURN NULL; END$$;
						CREATE OR REPLACE TRIGGER forget AFTER INSERT ON latchkey.ended_session FOR EACH ROW EXECUTE FUNCTION latchkey.forget()`,
					);
				},
				'a replica that lags takes over': sentinelFaults(topology, scene, 4000)['a replica that lags takes over'],
			}),
		});
		t.regex(violations.join('\n'), /a session is alive/);
	});
} else {
	test.skip(`no acknowledged operation is undone while Redis fails over: ${why}`, () => undefined);
}

function sentinelFaults(topology: Awaited<ReturnType<typeof startSentinels>>, scene: Scene, lag = lagMs) {
	const { another, lossy } = around(topology, scene);
	/** As a Sentinel makes it one within some seconds, and may have by now. */
	const joins = async (server: HostedRedis, master: HostedRedis) => {
		await sleep(300);
		await server.command('REPLICAOF', master.host.ip, '6379').catch(() => undefined);
	};
	return {
		'the master dies': lossy(async (master) => {
			await master.kill();
			const next = await another(master);
			await master.restart();
			await joins(master, next);
		}),
		'SENTINEL FAILOVER': lossy(async (master) => {
			await topology.failOver(master);
			await another(master);
		}),
		'a replica that lags takes over': lossy(async (master) => {
			master.host.partFromOthers();
			await sleep(lag);
			await master.kill();
			master.host.mend();
			if (lag > lagMs) await topology.failOver(master);
			const next = await another(master);
			await master.restart();
			await joins(master, next);
		}),
		'the master is cut off from the others, and not from us': lossy(async (master) => {
			master.host.partFromOthers();
			const next = await another(master);
			await scene.ready();
			await sleep(1000);
			master.host.mend();
			await joins(master, next);
		}),
		'the master is cut off from all': lossy(async (master) => {
			master.host.unplug();
			const next = await another(master);
			await scene.ready();
			master.host.mend();
			await joins(master, next);
		}),
		'an old snapshot is restored': lossy(async (master) => {
			await master.snapshot();
			await sleep(1000);
			await master.kill();
			await master.restoreSnapshot();
			await master.restart();
		}),
	};
}

function clusterFaults(topology: Awaited<ReturnType<typeof startCluster>>, scene: Scene) {
	const { another, lossy, strict } = around(topology, scene);
	return {
		'the owner of the slot dies': lossy(async (owner) => {
			await owner.kill();
			await another(owner);
			await owner.restart();
		}),
		'the slot is moved': strict(async () => {
			await topology.moveSlot();
		}),
		'CLUSTER FAILOVER': lossy(async (owner) => {
			await until(async () => (await topology.replica()).command('CLUSTER', 'FAILOVER'));
			await another(owner);
		}),
		'a replica that lags takes over': lossy(async (owner) => {
			const replica = await topology.replica();
			owner.host.partFromOthers();
			await sleep(lagMs);
			await owner.kill();
			owner.host.mend();
			// It may have taken over by itself.
			await replica.command('CLUSTER', 'FAILOVER', 'TAKEOVER').catch(() => undefined);
			await another(owner);
			await owner.restart();
		}),
		'the owner is cut off from the others, and not from us': lossy(async (owner) => {
			owner.host.partFromOthers();
			await another(owner);
			await scene.ready();
			await sleep(1000);
			owner.host.mend();
		}),
		'an old snapshot is restored': lossy(async (owner) => {
			await owner.snapshot();
			await sleep(1000);
			await owner.kill();
			await owner.restoreSnapshot();
			await owner.restart();
		}),
	};
}
