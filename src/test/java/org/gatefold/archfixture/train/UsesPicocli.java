package org.gatefold.archfixture.train;

import picocli.CommandLine;

/** Breaks the rule that the engine needs no optional library. */
public final class UsesPicocli {
    CommandLine commandLine;
}
