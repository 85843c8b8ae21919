package org.gatefold.seq2seq;

import com.google.errorprone.annotations.MustBeClosed;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Function;
import org.gatefold.autograd.Variable;
import org.gatefold.data.Column;
import org.gatefold.data.Dataset;
import org.gatefold.data.DeviceBatch;
import org.gatefold.data.DeviceColumn;
import org.gatefold.decode.BeamSearch;
import org.gatefold.decode.Hypothesis;
import org.gatefold.decode.Sampling;
import org.gatefold.decode.StepDecoder;
import org.gatefold.device.Scope;
import org.gatefold.model.Model;
import org.gatefold.model.Predictor;

/**
 * Writes targets for new sources with a model of an {@link EncoderDecoder}: each source is read once, then the decoder goes on token by
 * token, with all sources and beams in one batch and their states on the device.
 *
 * <p>Owns a {@link Predictor}, with which it is closed, before the model. One thread at a time.
 */
public final class Translator implements AutoCloseable {
    private static final int MOST_ROWS = 512;

    private final Predictor predictor;
    private final EncoderDecoder network;

    @MustBeClosed
    @SuppressWarnings("MustBeClosedChecker") // the field is closed by close()
    private Translator(Model model) {
        predictor = model.predictor();
        network = predictor.run(EncoderDecoder.class, (module, context) -> module);
    }

    /**
     * A translator for one thread.
     *
     * @throws IllegalArgumentException if the model is none of an {@link EncoderDecoder}
     */
    @MustBeClosed
    public static Translator of(Model model) {
        model.module(EncoderDecoder.class);
        return new Translator(model);
    }

    /** A beam search of the model's end, of at most 100 tokens. */
    public BeamSearch search(int width) {
        return BeamSearch.of(width, network.end());
    }

    /**
     * The best target for each source by a beam search with mean log-probabilities.
     *
     * @param sources {@code [row][step]}; rows may differ in length, and there is at least one
     * @param width of the beam; 1 for greedy decoding
     * @return {@code [row][step]}, without the symbols that begin and end targets
     */
    public int[][] translate(int[][] sources, int width) {
        return translate(sources, search(width).meanLogProbability()).stream()
                .map(found -> found.get(0).tokens())
                .toArray(int[][]::new);
    }

    /** What a search finds for each source, in its order. */
    public List<List<Hypothesis>> translate(int[][] sources, BeamSearch search) {
        return translate(tokens(sources), search);
    }

    /**
     * What a search finds for each source, in its order.
     *
     * @param sources of ids or features, as the model reads them; whatever they are called
     */
    public List<List<Hypothesis>> translate(Column sources, BeamSearch search) {
        return inParts(
                sources,
                Math.max(1, MOST_ROWS / search.width()),
                decoder -> search.search(decoder, starts(decoder.sources())));
    }

    /**
     * A target for each source, drawn token by token.
     *
     * @param maxLength the most tokens
     */
    public List<Hypothesis> sample(int[][] sources, Sampling sampling, int maxLength) {
        return inParts(
                tokens(sources),
                Math.max(1, sources.length),
                decoder -> sampling.generate(decoder, maxLength, network.end(), starts(decoder.sources())));
    }

    private static Column tokens(int[][] sources) {
        return Column.tokens(EncoderDecoder.SOURCE, sources);
    }

    /**
     * A bound for {@link BeamSearch#maxLength}: others may be longer than targets that are known, but a search has to come to an end.
     *
     * @param targets {@code [row][step]}, without the symbols that begin and end them
     */
    public static int longest(int[][] targets) {
        int most = Arrays.stream(targets).mapToInt(ids -> ids.length).max().orElse(0);
        return most + most / 4 + 5;
    }

    private int[] starts(int count) {
        int[] starts = new int[count];
        Arrays.fill(starts, network.start());
        return starts;
    }

    private <R> List<R> inParts(Column sources, int most, Function<StepDecoder, List<R>> decode) {
        List<R> all = new ArrayList<>(sources.size());
        Column named = sources.named(EncoderDecoder.SOURCE);
        network.require(named);
        for (int from = 0; from < sources.size(); from += most) {
            Column part = named.slice(from, Math.min(sources.size(), from + most));
            all.addAll(predictor.run(EncoderDecoder.class, (module, context) -> {
                try (Scope kept = context.device().openScope("translation")) {
                    context.begin(0);
                    DeviceColumn read = Dataset.of(part)
                            .batch()
                            .upload(context.scope())
                            .inputs()
                            .get(0);
                    return decode.apply(new DecoderSteps(module, context, kept, read));
                }
            }));
        }
        return all;
    }

    /**
     * How much each step of given targets attends to each step of its source: for pictures, and to find what an unknown word was written
     * for.
     *
     * @param targets {@code [row][step]}, without the symbols that begin and end them
     * @return {@code [row][step][step of the source]}; a row has one step more than its target, for the end
     * @throws IllegalStateException if the model has no attention
     */
    public float[][][] attention(int[][] sources, int[][] targets) {
        return attention(tokens(sources), targets);
    }

    /**
     * How much each step of given targets attends to each step that the encoder gave of its source, of which there are fewer than it has where
     * layers below the encoder leave some out.
     *
     * @param sources of ids or features, as the model reads them; whatever they are called
     * @param targets {@code [row][step]}, without the symbols that begin and end them
     * @return {@code [row][step][step of the encoder]}; a row has one step more than its target, for the end
     * @throws IllegalStateException if the model has no attention
     */
    public float[][][] attention(Column sources, int[][] targets) {
        Dataset pairs =
                Dataset.of(sources.named(EncoderDecoder.SOURCE), TeacherForcing.previous(targets, network.start()));
        network.require(pairs.inputs().toArray(Column[]::new));
        return predictor.run(EncoderDecoder.class, (module, context) -> {
            context.begin(0);
            DeviceBatch batch = pairs.batch().upload(context.scope());
            float[][][] weights = module.attention(
                    context,
                    variable(batch.input(EncoderDecoder.PREVIOUS)),
                    variable(batch.input(EncoderDecoder.SOURCE)));
            float[][][] rows = new float[targets.length][][];
            for (int row = 0; row < rows.length; row++) {
                rows[row] = new float[targets[row].length + 1][];
                for (int t = 0; t < rows[row].length; t++) {
                    rows[row][t] = weights[t][row];
                }
            }
            return rows;
        });
    }

    static Variable variable(DeviceColumn column) {
        return Variable.constant(column.value(), column.lengths());
    }

    /** Closes the predictor. */
    @Override
    public void close() {
        predictor.close();
    }
}
