package org.gatefold.recipe.field;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.OptionalInt;
import java.util.function.BiFunction;
import java.util.function.Function;
import org.gatefold.data.Batch;
import org.gatefold.data.Dataset;
import org.gatefold.recipe.baseline.Autoregression;
import org.gatefold.recipe.baseline.ExponentialSmoothing;
import org.gatefold.recipe.baseline.FrequentTag;
import org.gatefold.recipe.baseline.KneserNeyBigram;
import org.gatefold.recipe.baseline.MajorityClass;
import org.gatefold.recipe.baseline.NearestNeighbours;
import org.gatefold.recipe.baseline.Persistence;
import org.gatefold.recipe.baseline.SeasonalNaive;
import org.gatefold.recipe.baseline.SeriesBaseline;
import org.gatefold.recipe.baseline.Theta;
import org.gatefold.recipe.baseline.Unigram;

/**
 * A simple method that a model is compared with on the same rows. Immutable and thread-safe.
 *
 * @param name in reports, for instance {@code "majority"}
 * @param method what it does
 */
public record Baseline(String name, Method method) {
    /** The highest order that an autoregression may choose. */
    private static final int MOST_ORDER = 36;

    /** Pairs of steps that may be compared; so many take minutes. */
    private static final double MOST_PAIRS = 1e10;

    /** Answers rows. */
    @FunctionalInterface
    public interface Method {
        /**
         * Fits itself to training rows alone and answers test rows.
         *
         * @param fields fitted to training rows
         */
        Attempt attempt(Fields fields, Rows training, Rows test);
    }

    /**
     * What a method found.
     *
     * @param detail what was found or chosen for it, or why there are no answers; may be empty
     * @param answers one per test row, as {@link Target#answers} gives; null if the method does not apply
     */
    @SuppressWarnings("ArrayRecordComponent") // never compared
    public record Attempt(String detail, double[][] answers) {}

    /** The mean of the training rows, for a {@link Numeric}. */
    public static Baseline mean() {
        return new Baseline("mean", (fields, training, test) -> {
            double mean = Arrays.stream(training.numbers(fields.target().name()))
                    .average()
                    .orElseThrow();
            return everywhere(test, mean);
        });
    }

    /** The most frequent class of the training rows, for a {@link Category}. */
    public static Baseline majority() {
        return new Baseline("majority", (fields, training, test) -> {
            Category category = (Category) fields.target();
            int[] labels = category.labels(category.known(training));
            return everywhere(
                    test,
                    category.certainly(
                            MajorityClass.fit(labels, category.outputs()).label()));
        });
    }

    /** The most frequent tag of each word, for {@link Tags}. */
    public static Baseline frequentTags() {
        return new Baseline("frequent-tag", (fields, training, test) -> {
            Tags tags = (Tags) fields.target();
            FrequentTag method = FrequentTag.fit(tags.words(training), tags.labels(training), tags.outputs());
            double[][] answers = tags.words(test).stream()
                    .map(sentence -> sentence.stream().mapToDouble(method::tag).toArray())
                    .toArray(double[][]::new);
            return new Attempt("of each word", answers);
        });
    }

    /** The share of each token in the training rows, for {@link NextToken}. */
    public static Baseline unigram() {
        return new Baseline("unigram", (fields, training, test) -> {
            NextToken target = (NextToken) fields.target();
            RunningText text = target.text();
            Unigram method = Unigram.fit(
                    RunningText.joined(text.lines(training)), text.vocabulary().size());
            double[] nats = Arrays.stream(RunningText.joined(text.lines(test)))
                    .mapToDouble(token -> -Math.log(method.probability(token)))
                    .toArray();
            return new Attempt("", target.answers(test, nats));
        });
    }

    /** Tokens by the one before them, with interpolated Kneser-Ney smoothing, for {@link NextToken}. */
    public static Baseline kneserNeyBigram() {
        return new Baseline("kneser-ney-bigram", (fields, training, test) -> {
            NextToken target = (NextToken) fields.target();
            RunningText text = target.text();
            KneserNeyBigram method = KneserNeyBigram.fit(
                    text.end(),
                    RunningText.joined(text.lines(training)),
                    text.vocabulary().size());
            int[] tokens = RunningText.joined(text.lines(test));
            int[] before = text.before(tokens);
            double[] nats = new double[tokens.length];
            Arrays.setAll(nats, i -> -Math.log(method.probability(before[i], tokens[i])));
            return new Attempt(
                    String.format(Locale.ROOT, "interpolated, discount %.2f", method.discount()),
                    target.answers(test, nats));
        });
    }

    /** The source as it is, for a {@link Translation}. */
    public static Baseline copy() {
        return new Baseline("copy", (fields, training, test) -> TranslationBaselines.copy(fields, test));
    }

    /** What belongs to the nearest source of the training rows, for a {@link Translation}. */
    public static Baseline nearestSource() {
        return new Baseline("nearest-source", TranslationBaselines::nearest);
    }

    /** Each token by itself, as IBM model 1 finds on the training rows, for a {@link Translation}. */
    public static Baseline wordByWord() {
        return new Baseline("word-by-word", TranslationBaselines::wordByWord);
    }

    /** The most frequent text of the training rows, for a {@link Transcript}. */
    public static Baseline frequentTranscript() {
        return new Baseline("most-frequent", (fields, training, test) -> {
            Transcript transcript = (Transcript) fields.target();
            return everywhere(test, transcript.answer(transcript.mostFrequent(training)));
        });
    }

    private static Attempt everywhere(Rows test, double... answer) {
        double[][] answers = new double[test.size()][];
        Arrays.fill(answers, answer);
        return new Attempt("", answers);
    }

    /** Multinomial naive Bayes on tokens and pairs of neighbours, for a {@link Category} of a {@link Text}. */
    public static Baseline naiveBayes() {
        return new Baseline("naive-bayes", (fields, training, test) -> {
            double[][] answers = BayesPrior.answers(BayesPrior.method(fields, training), fields, test);
            return new Attempt("tokens and pairs", answers);
        });
    }

    /**
     * The votes of the training rows nearest to a row as the model reads it, for a {@link Category}: by Euclidean distance, or
     * by dynamic time warping if rows have different numbers of steps.
     */
    public static Baseline nearestNeighbours(int count) {
        return nearestNeighbours(count, Fields::input);
    }

    /** As {@link #nearestNeighbours(int)}, of rows as another field reads them than that of the model. */
    public static Baseline nearestNeighbours(int count, Field compared) {
        return nearestNeighbours(count, fields -> compared);
    }

    private static Baseline nearestNeighbours(int count, Function<Fields, Field> compared) {
        String name = count == 1 ? "nearest-neighbour" : count + "-nearest-neighbour";
        return new Baseline(name, (fields, training, test) -> {
            Category category = (Category) fields.target();
            Rows labelled = category.known(training);
            Field read = compared.apply(fields);
            float[][][] known = sequences(read, labelled);
            float[][][] asked = sequences(read, test);
            boolean ragged = NearestNeighbours.areRagged(known)
                    || NearestNeighbours.areRagged(asked)
                    || known[0].length != asked[0].length;
            double pairs = (double) steps(known) * (ragged ? steps(asked) : asked.length);
            if (pairs > MOST_PAIRS) {
                return new Attempt("too many rows to compare them all", null);
            }
            NearestNeighbours neighbours = new NearestNeighbours(
                    known,
                    category.labels(labelled),
                    Math.min(count, known.length),
                    ragged ? NearestNeighbours::warped : NearestNeighbours::squared);
            double[][] answers = Arrays.stream(asked)
                    .parallel()
                    .map(row -> category.certainly(neighbours.classify(row)))
                    .toArray(double[][]::new);
            return new Attempt(ragged ? "dynamic time warping" : "", answers);
        });
    }

    private static int steps(float[][][] rows) {
        return Arrays.stream(rows).mapToInt(row -> row.length).sum();
    }

    /** Rows as a model reads them, {@code [row][step][feature]}. */
    private static float[][][] sequences(Field field, Rows rows) {
        Batch batch = Dataset.of(field.encode(rows)).batch();
        float[][][] sequences = new float[batch.rows()][][];
        for (int row = 0; row < sequences.length; row++) {
            sequences[row] = new float[batch.length(row)][batch.features()];
            for (int step = 0; step < sequences[row].length; step++) {
                for (int feature = 0; feature < batch.features(); feature++) {
                    sequences[row][step][feature] = batch.input(row, step, feature);
                }
            }
        }
        return sequences;
    }

    /**
     * The usual forecasts of a {@link Horizon}: no change, the last season again, an autoregression, exponential smoothing, and the
     * Theta method.
     *
     * @param period rows in a season; 0 to find it in the training rows
     */
    public static List<Baseline> forecasts(int period) {
        return List.of(persistence(), seasonal(period), autoregression(), smoothing(period), theta(period));
    }

    /** The last known value, for a {@link Horizon}. */
    public static Baseline persistence() {
        return series("persistence", (values, training) -> forecast(new Persistence()));
    }

    /**
     * The value one season earlier, for a {@link Horizon}.
     *
     * @param period rows in a season; 0 to find it in the training rows
     */
    public static Baseline seasonal(int period) {
        return series("seasonal", (values, training) -> {
            OptionalInt season =
                    period > 0 ? OptionalInt.of(period) : SeasonalNaive.findPeriod(Arrays.copyOf(values, training));
            if (season.isEmpty()) {
                return new Forecast(null, "no season found in the training part");
            }
            return season.getAsInt() > training
                    ? new Forecast(null, "the period is longer than the training part")
                    : forecast(new SeasonalNaive(season.getAsInt()));
        });
    }

    /** A linear autoregression of an order that it chooses on the training rows, for a {@link Horizon}. */
    public static Baseline autoregression() {
        return series(
                "ar",
                (values, training) -> training < 10
                        ? new Forecast(null, "fewer than 10 training rows")
                        : forecast(Autoregression.choose(values, training, MOST_ORDER)));
    }

    /**
     * Exponential smoothing of level, trend and season, for a {@link Horizon}.
     *
     * @param period rows in a season; 0 to find it in the training rows
     */
    public static Baseline smoothing(int period) {
        return series("ets", (values, training) -> {
            int season = season(values, training, period);
            return training < ExponentialSmoothing.fewestRows(season)
                    ? new Forecast(null, "fewer than " + ExponentialSmoothing.fewestRows(season) + " training rows")
                    : forecast(ExponentialSmoothing.fit(values, training, season));
        });
    }

    /**
     * The Theta method, for a {@link Horizon}.
     *
     * @param period rows in a season; 0 to find it in the training rows
     */
    public static Baseline theta(int period) {
        return series(
                "theta",
                (values, training) -> training < Theta.FEWEST
                        ? new Forecast(null, "fewer than " + Theta.FEWEST + " training rows")
                        : forecast(Theta.fit(values, training, season(values, training, period))));
    }

    private static int season(double[] values, int training, int period) {
        return period > 0
                ? period
                : SeasonalNaive.findPeriod(Arrays.copyOf(values, training)).orElse(1);
    }

    /** @param method null if it does not apply */
    private record Forecast(SeriesBaseline method, String detail) {}

    private static Forecast forecast(SeriesBaseline method) {
        return new Forecast(method, method.detail());
    }

    /** @param fit makes a forecast of a column and the number of its rows that are for training, the first ones */
    private static Baseline series(String name, BiFunction<double[], Integer, Forecast> fit) {
        return new Baseline(name, (fields, training, test) -> {
            double[] values = test.table().numbers(fields.target().name());
            Forecast forecast = fit.apply(values, training.size());
            if (forecast.method() == null) {
                return new Attempt(forecast.detail(), null);
            }
            double[][] answers = forecast.method()
                    .forecasts(values, test.indices(), fields.target().span());
            return new Attempt(forecast.detail(), answers);
        });
    }
}
