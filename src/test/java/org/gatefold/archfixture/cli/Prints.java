package org.gatefold.archfixture.cli;

/** Keeps every rule: here the printing is done. */
public final class Prints {
    static void show(String text) {
        System.out.println(text);
    }
}
