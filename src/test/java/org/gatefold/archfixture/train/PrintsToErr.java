package org.gatefold.archfixture.train;

/** Breaks the rule that only cli prints. */
public final class PrintsToErr {
    static void show(String text) {
        System.err.println(text);
    }
}
