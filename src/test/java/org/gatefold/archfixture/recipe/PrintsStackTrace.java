package org.gatefold.archfixture.recipe;

/** Breaks the rule that only cli prints. */
public final class PrintsStackTrace {
    static void show(IllegalStateException failure) {
        failure.printStackTrace();
    }
}
