package org.gatefold.benchmarks.runner.measure;

/**
 * One line on the terminal that says what is going on; silent unless the launcher has seen a terminal and set {@link
 * #PROPERTY}. For one thread.
 */
public final class Progress {
    static final String PROPERTY = "gatefold.benchmarks.progress";

    private final boolean terminal = Boolean.getBoolean(PROPERTY);

    public void say(String what) {
        if (terminal) {
            System.err.printf("\r\033[K%s", what);
            System.err.flush();
        }
    }

    public void clear() {
        if (terminal) {
            System.err.print("\r\033[K");
            System.err.flush();
        }
    }
}
