package org.gatefold.archfixture.backend.cuda.cudnn;

import org.gatefold.archfixture.backend.cuda.recurrent.Step;

/** Breaks the rule that the rooms of the last group do not see each other. */
public final class UsesRecurrent {
    Step step;
}
