package org.gatefold.decode;

/**
 * A model that goes on step by step with many rows at once and keeps their states: what {@link BeamSearch} and {@link Sampling} ask, of
 * decoders of translations as of language models. One thread at a time.
 *
 * <p>Rows belong to sources, of which each has as many: row i belongs to source {@code i mod sources()}, so that the first rows of all
 * sources come first. At the first step there is one for each.
 */
public interface StepDecoder {
    /** How many sequences are looked for at once. */
    int sources();

    /** V, the number of tokens. */
    int vocabulary();

    /**
     * Reads a token in every row. At the first step there are as many rows as sources, and row i begins with the states of source i.
     *
     * @param from for each row the row of the step before, of the same source, whose states it goes on from; any number of rows may go on
     *     from one. At the first step the rows themselves
     * @param tokens what each row reads, of as many rows
     * @param logProbabilities {@code rows * V} numbers, written: for each row the natural logarithms of the probabilities of what follows.
     *     It may be longer
     */
    void step(int[] from, int[] tokens, float[] logProbabilities);
}
