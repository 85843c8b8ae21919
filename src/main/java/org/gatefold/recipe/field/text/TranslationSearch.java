package org.gatefold.recipe.field.text;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;
import org.gatefold.decode.BeamSearch;
import org.gatefold.decode.Hypothesis;
import org.gatefold.model.Model;
import org.gatefold.recipe.field.Rows;
import org.gatefold.seq2seq.EncoderDecoder;
import org.gatefold.seq2seq.Translator;

/**
 * Looks for translations with a trained model, sources of similar lengths together, and copies what an unknown token attended to most.
 * One thread at a time.
 */
final class TranslationSearch {
    /** Rows whose attention is looked at together. */
    private static final int ATTENDED = 64;

    private final Model model;
    private final float lengthPower;
    private final List<String> texts;
    private final List<List<String>> tokens;
    private final int[][] sources;

    /**
     * What was found for a row.
     *
     * @param answer ids, and parts of the source as {@link Copied}
     * @param score by which the search puts what it finds in order
     */
    @SuppressWarnings("ArrayRecordComponent") // never compared
    record Found(double[] answer, double score) {}

    /** A row and what was written for it. */
    private record Written(int row, int rank, Hypothesis hypothesis) {
        boolean hasUnknown() {
            return Arrays.stream(hypothesis.tokens()).anyMatch(id -> id == 0);
        }
    }

    /**
     * @param source what the model reads, fitted
     * @param lengthPower of {@link BeamSearch#lengthPower}
     */
    TranslationSearch(Model model, Text source, Rows rows, float lengthPower) {
        this.model = model;
        this.lengthPower = lengthPower;
        texts = source.texts(rows);
        tokens = texts.stream().map(source::tokens).toList();
        sources = source.ids(rows);
    }

    /**
     * The best few for each row, in order; one without a token for a source without one.
     *
     * @param longest most tokens
     */
    List<List<Found>> best(int count, int width, int longest) {
        int[] order = IntStream.range(0, sources.length)
                .filter(row -> !tokens.get(row).isEmpty())
                .boxed()
                .sorted(Comparator.comparingInt(row -> sources[row].length))
                .mapToInt(Integer::intValue)
                .toArray();
        List<List<Found>> all = new ArrayList<>();
        for (int row = 0; row < sources.length; row++) {
            all.add(new ArrayList<>());
            if (tokens.get(row).isEmpty()) {
                all.get(row).add(new Found(new double[0], 0));
            }
        }
        if (order.length == 0) {
            return all;
        }
        try (Translator translator = Translator.of(model)) {
            BeamSearch search = translator
                    .search(Math.max(width, count))
                    .lengthPower(lengthPower)
                    .best(count)
                    .maxLength(longest);
            int[][] asked = Arrays.stream(order).mapToObj(row -> sources[row]).toArray(int[][]::new);
            List<List<Hypothesis>> found = translator.translate(asked, search);
            List<Written> unknown = new ArrayList<>();
            for (int i = 0; i < order.length; i++) {
                for (Hypothesis hypothesis : found.get(i)) {
                    List<Found> of = all.get(order[i]);
                    Written written = new Written(order[i], of.size(), hypothesis);
                    of.add(new Found(
                            Arrays.stream(hypothesis.tokens()).asDoubleStream().toArray(), hypothesis.score()));
                    if (written.hasUnknown()) {
                        unknown.add(written);
                    }
                }
            }
            if (model.module(EncoderDecoder.class).hasAttention()) {
                copy(translator, unknown, all);
            }
        }
        return all;
    }

    private void copy(Translator translator, List<Written> unknown, List<List<Found>> all) {
        for (int from = 0; from < unknown.size(); from += ATTENDED) {
            List<Written> part = unknown.subList(from, Math.min(unknown.size(), from + ATTENDED));
            float[][][] weights = translator.attention(
                    part.stream().map(each -> sources[each.row()]).toArray(int[][]::new),
                    part.stream().map(each -> each.hypothesis().tokens()).toArray(int[][]::new));
            for (int i = 0; i < weights.length; i++) {
                Written written = part.get(i);
                double[] answer = all.get(written.row()).get(written.rank()).answer();
                double[] places = places(written.row());
                for (int t = 0; t < answer.length; t++) {
                    answer[t] = answer[t] == 0 ? places[most(weights[i][t], places.length)] : answer[t];
                }
            }
        }
    }

    /** The tokens of a source as parts of it; 0 for one that is not found there as it is. */
    private double[] places(int row) {
        double[] places = new double[tokens.get(row).size()];
        int from = 0;
        for (int i = 0; i < places.length; i++) {
            String token = tokens.get(row).get(i);
            int at = texts.get(row).indexOf(token, from);
            if (at >= 0) {
                places[i] = new Copied(at, token.length()).number();
                from = at + token.length();
            }
        }
        return places;
    }

    private static int most(float[] weights, int count) {
        int most = 0;
        for (int i = 1; i < count; i++) {
            most = weights[i] > weights[most] ? i : most;
        }
        return most;
    }
}
