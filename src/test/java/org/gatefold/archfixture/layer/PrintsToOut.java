package org.gatefold.archfixture.layer;

/** Breaks the rule that only cli prints. */
public final class PrintsToOut {
    static void show(String text) {
        System.out.println(text);
    }
}
