package org.gatefold.benchmarks.runner.measure;

/** Ends a process that takes too long to answer, unless it is closed before. */
final class Deadline implements AutoCloseable {
    private final Thread watch;

    Deadline(Process process, long minutes) {
        watch = new Thread(() -> {
            try {
                Thread.sleep(60_000 * minutes);
                process.destroyForcibly();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        });
        watch.setDaemon(true);
        watch.start();
    }

    @Override
    public void close() {
        watch.interrupt();
    }
}
