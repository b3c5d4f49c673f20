import { acquireLock, isHolder } from '../../server/run/lock.ts';

// Takes the lock that it is given, says how that went, and stays.
process.send?.(isHolder(acquireLock(process.argv[2])) ? 'held' : 'locked');
setInterval(() => {}, 1000);
process.on('disconnect', () => process.exit());
