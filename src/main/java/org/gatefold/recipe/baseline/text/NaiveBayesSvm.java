package org.gatefold.recipe.baseline.text;

import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.gatefold.recipe.baseline.Probabilities;

/**
 * A linear classifier of texts by the {@link NGrams} that they have: for each class a support vector machine against all others, in which
 * an n-gram counts by the logarithm of how much more often texts of the class have it, and whose weights are drawn towards their mean size,
 * which is naive Bayes (NBSVM, Wang and Manning 2012, section 2.3). The machines minimise the squared hinge loss by dual coordinate descent
 * (Hsieh et al. 2008, algorithm 1). N-grams that no training text has are left out. Immutable and thread-safe.
 */
public final class NaiveBayesSvm {
    /** What a violation of a margin costs: C. */
    private static final double COST = 0.1;

    /** How much of a weight is the machine's own: β. */
    private static final double OWN = 0.25;

    /** Passes over the texts end when no dual variable is further than this from where it is best. */
    private static final double TOLERANCE = 0.1;

    private static final int MOST_PASSES = 100;

    /** The place of an n-gram that does not count. */
    private static final int NONE = -1;

    private final NGrams grams;
    private final Map<String, float[]> weights;
    private final float[] biases;

    private NaiveBayesSvm(NGrams grams, Map<String, float[]> weights, float... biases) {
        this.grams = grams;
        this.weights = weights;
        this.biases = biases;
    }

    /**
     * @param most n-grams that count, the most frequent ones
     * @param texts tokens of each text
     * @param labels one per text, 0 to {@code classes - 1}
     */
    public static NaiveBayesSvm fit(NGrams grams, int most, List<List<String>> texts, int[] labels, int classes) {
        if (labels.length != texts.size() || labels.length == 0) {
            throw new IllegalArgumentException(
                    "labels: expected at least one and as many as texts, " + texts.size() + ", got " + labels.length);
        }
        Map<String, Integer> ids = new HashMap<>();
        int[][] found = texts.stream()
                .map(text -> grams.of(text).stream()
                        .mapToInt(gram -> ids.computeIfAbsent(gram, key -> ids.size()))
                        .toArray())
                .toArray(int[][]::new);
        List<String> known = mostFrequent(ids, found, most);
        int[] places = new int[ids.size()];
        Arrays.fill(places, NONE);
        for (int place = 0; place < known.size(); place++) {
            places[ids.get(known.get(place))] = place;
        }
        int[][] features = Arrays.stream(found)
                .map(text -> Arrays.stream(text)
                        .map(id -> places[id])
                        .filter(place -> place != NONE)
                        .toArray())
                .toArray(int[][]::new);
        float[][] columns = new float[known.size() + 1][classes];
        // Of two classes one is what the other is not.
        int machines = classes == 2 ? 1 : classes;
        for (int label = 0; label < machines; label++) {
            double[] machine = machine(features, ofClass(labels, label), known.size());
            for (int place = 0; place < machine.length; place++) {
                columns[place][label] = (float) machine[place];
                if (machines < classes) {
                    columns[place][1] = (float) -machine[place];
                }
            }
        }
        Map<String, float[]> weights = new HashMap<>();
        for (int place = 0; place < known.size(); place++) {
            weights.put(known.get(place), columns[place]);
        }
        return new NaiveBayesSvm(grams, weights, columns[known.size()]);
    }

    /**
     * The n-grams that most texts have, the first in the order of characters among equals.
     *
     * @param texts ids of the n-grams of each text
     */
    private static List<String> mostFrequent(Map<String, Integer> ids, int[][] texts, int most) {
        int[] counts = new int[ids.size()];
        for (int[] text : texts) {
            for (int id : text) {
                counts[id]++;
            }
        }
        return ids.keySet().stream()
                .sorted(Comparator.comparingInt((String gram) -> -counts[ids.get(gram)])
                        .thenComparing(Comparator.naturalOrder()))
                .limit(most)
                .toList();
    }

    private static boolean[] ofClass(int[] labels, int label) {
        boolean[] of = new boolean[labels.length];
        for (int i = 0; i < of.length; i++) {
            of[i] = labels[i] == label;
        }
        return of;
    }

    /** The weights of features, and a bias behind them, that tell the texts of a class from all others. */
    private static double[] machine(int[][] texts, boolean[] ofClass, int features) {
        double[] ratios = ratios(texts, ofClass, features);
        double[] weights = descend(texts, ofClass, ratios);
        double mean = Arrays.stream(weights, 0, features).map(Math::abs).sum() / Math.max(1, features);
        for (int feature = 0; feature < features; feature++) {
            weights[feature] = ((1 - OWN) * mean + OWN * weights[feature]) * ratios[feature];
        }
        weights[features] *= OWN;
        return weights;
    }

    /** The logarithm of how much more often texts of the class have a feature, with one added to every count. */
    private static double[] ratios(int[][] texts, boolean[] ofClass, int features) {
        double[] within = new double[features];
        double[] without = new double[features];
        Arrays.fill(within, 1);
        Arrays.fill(without, 1);
        for (int i = 0; i < texts.length; i++) {
            double[] counts = ofClass[i] ? within : without;
            for (int feature : texts[i]) {
                counts[feature]++;
            }
        }
        double usual =
                Math.log(Arrays.stream(within).sum() / Arrays.stream(without).sum());
        double[] ratios = new double[features];
        Arrays.setAll(ratios, feature -> Math.log(within[feature] / without[feature]) - usual);
        return ratios;
    }

    private static double[] descend(int[][] texts, boolean[] ofClass, double... ratios) {
        int bias = ratios.length;
        double[] weights = new double[bias + 1];
        double[] duals = new double[texts.length];
        double slack = 1 / (2 * COST);
        double[] curvatures = new double[texts.length];
        for (int i = 0; i < texts.length; i++) {
            curvatures[i] = 1 + slack;
            for (int feature : texts[i]) {
                curvatures[i] += ratios[feature] * ratios[feature];
            }
        }
        int[] order = new int[texts.length];
        Arrays.setAll(order, i -> i);
        Random random = new Random(1);
        double furthest = Double.POSITIVE_INFINITY;
        for (int pass = 0; pass < MOST_PASSES && furthest > TOLERANCE; pass++) {
            furthest = 0;
            shuffle(order, random);
            for (int i : order) {
                double sign = ofClass[i] ? 1 : -1;
                double score = weights[bias];
                for (int feature : texts[i]) {
                    score += weights[feature] * ratios[feature];
                }
                double slope = sign * score - 1 + slack * duals[i];
                double dual = Math.max(0, duals[i] - slope / curvatures[i]);
                furthest = Math.max(furthest, duals[i] > 0 ? Math.abs(slope) : -slope);
                double step = sign * (dual - duals[i]);
                duals[i] = dual;
                weights[bias] += step;
                for (int feature : texts[i]) {
                    weights[feature] += step * ratios[feature];
                }
            }
        }
        return weights;
    }

    private static void shuffle(int[] order, Random random) {
        for (int i = order.length - 1; i > 0; i--) {
            int other = random.nextInt(i + 1);
            int moved = order[i];
            order[i] = order[other];
            order[other] = moved;
        }
    }

    /**
     * What {@link #weights} and {@link #biases} of another one gave.
     *
     * @throws IllegalArgumentException if an n-gram has not one finite weight for each class, or there are fewer than two
     */
    public static NaiveBayesSvm of(NGrams grams, Map<String, float[]> weights, float... biases) {
        if (biases.length < 2 || !areFinite(biases)) {
            throw new IllegalArgumentException(
                    "biases: expected finite ones of at least 2 classes, got " + Arrays.toString(biases));
        }
        Map<String, float[]> copy = new HashMap<>();
        weights.forEach((gram, each) -> {
            if (each.length != biases.length || !areFinite(each)) {
                throw new IllegalArgumentException("weights: expected " + biases.length + " finite ones for '" + gram
                        + "', got " + Arrays.toString(each));
            }
            copy.put(gram, each.clone());
        });
        return new NaiveBayesSvm(grams, copy, biases.clone());
    }

    private static boolean areFinite(float... values) {
        for (float value : values) {
            if (!Float.isFinite(value)) {
                return false;
            }
        }
        return true;
    }

    /** What each n-gram, its tokens with a blank between, says for each class, in the order of their characters. */
    public Map<String, float[]> weights() {
        Map<String, float[]> copy = new TreeMap<>();
        weights.forEach((gram, each) -> copy.put(gram, each.clone()));
        return copy;
    }

    /** What is said for each class of a text of no n-gram that is known. */
    public float[] biases() {
        return biases.clone();
    }

    /** What the machines give for each class. */
    public double[] scores(List<String> text) {
        double[] scores = new double[biases.length];
        Arrays.setAll(scores, label -> biases[label]);
        Stream<float[]> known = grams.of(text).stream().map(weights::get);
        known.filter(each -> each != null).forEach(each -> {
            for (int label = 0; label < scores.length; label++) {
                scores[label] += each[label];
            }
        });
        return scores;
    }

    /** The probability of each class: the softmax of what the machines give, which is larger the surer they are. */
    public double[] probabilities(List<String> text) {
        return Probabilities.ofLogarithms(scores(text));
    }
}
