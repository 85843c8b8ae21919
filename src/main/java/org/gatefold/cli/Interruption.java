package org.gatefold.cli;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.gatefold.recipe.ModelTraining;

/**
 * Lets Ctrl-C end training with a checkpoint: the process waits for the update at hand and for the files.
 *
 * <p>Open it around everything that must be complete before the process may end.
 */
final class Interruption implements AutoCloseable {
    private static final long PATIENCE_SECONDS = 60;

    private final CountDownLatch done = new CountDownLatch(1);
    private final ModelTraining training;
    private final Thread hook;

    private Interruption(ModelTraining training) {
        this.training = training;
        hook = new Thread(
                () -> {
                    training.stop();
                    awaitEnd();
                },
                "interruption");
        Runtime.getRuntime().addShutdownHook(hook);
    }

    static Interruption stopping(ModelTraining training) {
        return new Interruption(training);
    }

    /** True if training ended before all epochs were done. */
    boolean happened() {
        return training.isInterrupted();
    }

    private void awaitEnd() {
        try {
            if (!done.await(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
                Runtime.getRuntime().halt(Main.FAILED);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Override
    public void close() {
        done.countDown();
        try {
            Runtime.getRuntime().removeShutdownHook(hook);
        } catch (IllegalStateException e) {
            // The process is ending: the hook runs or has run, which is what it is for.
            return;
        }
    }
}
