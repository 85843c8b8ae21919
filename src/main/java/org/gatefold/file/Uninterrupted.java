package org.gatefold.file;

import java.io.IOException;
import java.nio.channels.ClosedByInterruptException;

/**
 * Works on files whether or not the thread is interrupted. Java closes the channel of a file when the thread that uses it is
 * interrupted; a file that is being read or written is complete all the same here, and the thread is interrupted afterwards
 * as it was before. Stateless.
 */
public final class Uninterrupted {
    private Uninterrupted() {}

    /** Work that may be begun again from its start. */
    @FunctionalInterface
    public interface Work<T> {
        T run() throws IOException;
    }

    /**
     * Does work, from its start again if an interrupt broke it off.
     *
     * @param work closes what it opened, whenever it ends
     */
    public static <T> T call(Work<T> work) throws IOException {
        boolean interrupted = Thread.interrupted();
        try {
            while (true) {
                try {
                    return work.run();
                } catch (ClosedByInterruptException e) {
                    interrupted |= Thread.interrupted();
                }
            }
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }
}
