package org.gatefold.recipe.field.text;

import java.util.Arrays;
import java.util.Map;
import org.gatefold.autograd.Variable;
import org.gatefold.device.Scope;
import org.gatefold.model.Model;
import org.gatefold.model.ModelStream;
import org.gatefold.op.embedding.EmbeddingOp;
import org.gatefold.op.softmax.SoftmaxOp;
import org.gatefold.tensor.Tensor;

/**
 * The negative logarithms of the probabilities that a language model gives to the tokens of a text, each behind all before it.
 *
 * <p>Long texts are read in several places at once: each but the first begins {@value #RUN_UP} tokens before its own, so that its states
 * are as good as those that would have been carried from the beginning. Stateless.
 */
final class TokenNats {
    /** Most places that are read at once. */
    private static final int MOST_PLACES = 16;

    /** Fewest tokens of a place. */
    private static final int SHORTEST = 8192;

    private static final int RUN_UP = 256;

    /** Most tokens of a place that are read together. */
    private static final int MOST_STEPS = 128;

    /** About as many logits of all places as a step reads. */
    private static final int MOST_LOGITS = 1 << 22;

    private TokenNats() {}

    /**
     * Reads a text.
     *
     * @param before what precedes each token
     * @param text at least one token
     */
    static double[] of(Model model, int[] before, int... text) {
        int places = Math.max(1, Math.min(MOST_PLACES, text.length / SHORTEST));
        int[] own = new int[places + 1];
        Arrays.setAll(own, place -> (int) ((long) place * text.length / places));
        int[] first = new int[places];
        Arrays.setAll(first, place -> Math.max(0, own[place] - RUN_UP));
        return of(model, first, own, before, text);
    }

    /**
     * Reads texts all at once, each by itself.
     *
     * @param end what precedes the first token of each
     * @param texts at least one, each of at least one token
     * @return one after the other
     */
    static double[] each(Model model, int end, int[]... texts) {
        int[] own = new int[texts.length + 1];
        for (int i = 0; i < texts.length; i++) {
            own[i + 1] = own[i] + texts[i].length;
        }
        int[] all = RunningText.joined(texts);
        int[] before = new int[all.length];
        System.arraycopy(all, 0, before, 1, all.length - 1);
        int[] first = Arrays.copyOf(own, texts.length);
        for (int at : first) {
            before[at] = end;
        }
        return of(model, first, own, before, all);
    }

    /**
     * Reads a text in several places.
     *
     * @param first where each begins to be read
     * @param own where what is told of each begins, and the end of the last
     */
    private static double[] of(Model model, int[] first, int[] own, int[] before, int... text) {
        int places = first.length;
        int vocabulary = Math.toIntExact(model.output().size());
        int most = (int) Math.max(1, Math.min(MOST_STEPS, (long) MOST_LOGITS / places / vocabulary));
        double[] nats = new double[text.length];
        String input = model.inputs().keySet().iterator().next();
        String output = model.outputs().keySet().iterator().next();
        try (ModelStream stream = model.stream(places);
                Scope scope = model.device().openScope("nats")) {
            int longest = 0;
            for (int place = 0; place < places; place++) {
                longest = Math.max(longest, own[place + 1] - first[place]);
            }
            for (int from = 0; from < longest; from += most) {
                int steps = Math.min(most, longest - from);
                scope.reset();
                Tensor ids = scope.i32("ids", steps, places);
                ids.write(picked(first, from, steps, before));
                Variable logits =
                        stream.forward(Map.of(input, Variable.constant(ids))).get(output);
                float[] found = logarithms(scope, logits.value().matrix(), picked(first, from, steps, text));
                for (int i = 0; i < found.length; i++) {
                    int at = first[i % places] + from + i / places;
                    if (at >= own[i % places] && at < own[i % places + 1]) {
                        nats[at] = -found[i];
                    }
                }
            }
        }
        return nats;
    }

    /** The tokens of some steps of all places; behind the end of a place the last of the text again. */
    private static int[] picked(int[] first, int from, int steps, int... tokens) {
        int places = first.length;
        int[] picked = new int[steps * places];
        for (int i = 0; i < picked.length; i++) {
            picked[i] = tokens[Math.min(tokens.length - 1, first[i % places] + from + i / places)];
        }
        return picked;
    }

    /** The logarithms of the probabilities of some tokens, by logits {@code [N, V]}. */
    private static float[] logarithms(Scope scope, Tensor logits, int... tokens) {
        int vocabulary = logits.shape().dim(1);
        Tensor all = scope.f32("logarithms", logits.shape());
        scope.device().operation(SoftmaxOp.class).forward(true, logits, all);
        int[] places = new int[tokens.length];
        Arrays.setAll(places, i -> i * vocabulary + tokens[i]);
        Tensor at = scope.i32("places", tokens.length, 1);
        at.write(places);
        Tensor picked = scope.f32("picked", tokens.length, 1, 1);
        scope.device()
                .operation(EmbeddingOp.class)
                .forward(at, null, all.reshape(tokens.length * vocabulary, 1), 0f, picked);
        return picked.toFloats();
    }
}
