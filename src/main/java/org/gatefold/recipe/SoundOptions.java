package org.gatefold.recipe;

import org.gatefold.data.Augmentation;
import org.gatefold.data.SpectrumAugmentation;
import org.gatefold.data.audio.AudioReader;
import org.gatefold.data.audio.AudioTable;
import org.gatefold.data.audio.LogMel;
import org.gatefold.data.table.Table;
import org.gatefold.recipe.field.media.Sound;
import org.gatefold.recipe.option.NameOptions;
import org.gatefold.recipe.option.Option;
import org.gatefold.recipe.option.Options;
import org.gatefold.recipe.option.UsageException;

/** The options of recipes that read recordings. Stateless. */
public final class SoundOptions {
    public static final Option<Integer> RATE = Option.integer(
                    "rate",
                    "HZ",
                    "Samples of a second that recordings are brought to; by default as the first, but at most "
                            + AudioReader.MOST_RATE + ".")
            .expecting("100 to 192000", value -> value >= 100 && value <= 192_000);
    public static final Option<Double> WINDOW = Option.real("window", "MS", "The time that a step looks at.")
            .expecting("milliseconds from 1 to 1000", value -> value >= 1 && value <= 1000)
            .or(25.0);
    public static final Option<Double> HOP = Option.real("hop", "MS", "The time from a step to the next.")
            .expecting("milliseconds from 1 to 1000", value -> value >= 1 && value <= 1000)
            .or(10.0);
    public static final Option<Integer> BANDS = Option.integer("mels", "N", "Mel bands of a step.")
            .expecting("1 to 512", value -> value >= 1 && value <= 512)
            .or(40);
    public static final Option<Integer> COEFFICIENTS = Option.integer(
                    "mfcc",
                    "N",
                    "Cepstral coefficients in place of the mel bands that they are computed of; 0 for the bands.")
            .atLeast(0)
            .or(0);
    public static final Option<Boolean> DELTAS = Option.flag("deltas", "Rates of change beside the features.");

    public static final Option<Sound.Normalization> NORMALIZATION = Option.choice(
                    "normalize",
                    "WAY",
                    Sound.Normalization.class,
                    "What is brought to mean 0 and deviation 1 over a recording: recording, all mel bands together, or features, each"
                            + " by itself.")
            .or(Sound.Normalization.RECORDING)
            .formerly(Sound.Normalization.FEATURES);

    public static final Option<Integer> BAND_MASK = Option.integer(
                    "freq-mask",
                    "N",
                    "Each of two masks leaves out up to so many bands of a recording learnt from (SpecAugment).")
            .atLeast(0)
            .or(0);
    public static final Option<Double> TIME_MASK = Option.real(
                    "time-mask",
                    "SHARE",
                    "Each of two masks leaves out up to such a share of the steps of a recording learnt from.")
            .expecting("0 to 1", value -> value >= 0 && value <= 1)
            .or(0.0);

    public static final Option<Double> TIME_WARP = Option.real(
                    "time-warp",
                    "SHARE",
                    "A place in the middle of a recording learnt from comes earlier or later by up to such a share of its steps.")
            .expecting("0 to below 0.25", value -> value >= 0 && value < 0.25)
            .orAlways(0.0);
    public static final Option<Double> BAND_WARP = Option.real(
                    "freq-warp",
                    "SHARE",
                    "Bands of a recording learnt from lie higher or lower by up to such a share of their height, as of another speaker.")
            .expecting("0 to below 1", value -> value >= 0 && value < 1)
            .orAlways(0.0);
    public static final Option<Double> NOISE = Option.real(
                    "noise", "DEV", "Deviation of noise on the features of a recording learnt from, whose own is 1.")
            .atLeast(0)
            .orAlways(0.0);

    /** In recipes that can listen while a recording goes on. */
    public static final Option<Boolean> STREAMING = Option.flag(
                    "streaming",
                    "The model hears forward alone, so that 'predict --stream' answers while a recording goes on.")
            .formerly(false);

    private SoundOptions() {}

    /** Describes what all recipes on recordings do alike: they read them, name them, give them to a network, mask them. */
    public static RecipeDescription recordings(RecipeDescription recipe) {
        return recipe.format(options -> reader(options)::read)
                .folders(SoundOptions::folder)
                .contents(options -> reader(options)::read)
                .inAnyOrder()
                .testOnLast(0.25)
                .testWhere(NameOptions::tested)
                .options(NameOptions.LABEL_PATTERN, NameOptions.TEST_PATTERN)
                .options(
                        RATE,
                        WINDOW,
                        HOP,
                        BANDS,
                        COEFFICIENTS,
                        DELTAS,
                        NORMALIZATION,
                        BAND_MASK,
                        TIME_MASK,
                        TIME_WARP,
                        BAND_WARP,
                        NOISE)
                .input(SoundOptions::sound)
                .augmented(SoundOptions::augmentation)
                .note(
                        "Recordings are WAV, or FLAC, MP3, Ogg and others, which FFmpeg decodes if org.bytedeco:ffmpeg is on the class"
                                + " path.");
    }

    private static AudioReader reader(Options options) {
        return AudioReader.create()
                .rate(options.find(RATE).orElse(0))
                .steps(options.get(WINDOW), options.get(HOP))
                .bands(options.get(BANDS))
                .streamed(isStreamed(options))
                .labels(NameOptions.labels(options));
    }

    private static RecipeDescription.Folder folder(Options options) {
        return new RecipeDescription.Folder(reader(options)::read, AudioReader::files, AudioReader::isSeveral);
    }

    /** How features are computed, once the rate is known. */
    public static LogMel way(Options options) {
        return new LogMel(
                options.get(RATE), options.get(WINDOW), options.get(HOP), options.get(BANDS), isStreamed(options));
    }

    /** True if a model hears nothing of what comes, in recipes where that can be. */
    public static boolean isStreamed(Options options) {
        return options.all().contains(STREAMING) && options.get(STREAMING);
    }

    /** What a network reads of recordings. */
    public static Sound sound(Options options) {
        return Sound.of(way(options))
                .coefficients(options.get(COEFFICIENTS))
                .deltas(options.get(DELTAS))
                .normalized(options.get(NORMALIZATION));
    }

    /** Settles the rate and the number of epochs by the recordings. */
    public static Options complete(Options options, Table recordings, TrainingLength length) {
        if (options.get(COEFFICIENTS) > options.get(BANDS)) {
            throw new UsageException(COEFFICIENTS + ": expected at most " + options.get(BANDS) + ", as many as " + BANDS
                    + ", got " + options.get(COEFFICIENTS));
        }
        if (isStreamed(options) && options.get(DELTAS)) {
            throw new UsageException("expected " + STREAMING + " or " + DELTAS + ", which look ahead, got both");
        }
        if (isStreamed(options) && options.isGiven(NORMALIZATION)) {
            throw new UsageException(
                    "expected " + STREAMING + ", by which each feature is of mean 0 and deviation 1 over all rows to"
                            + " train on, or " + NORMALIZATION + ", got both");
        }
        int features = features(options);
        if (options.get(BAND_MASK) > features) {
            throw new UsageException(BAND_MASK + ": expected at most " + features + ", as many as a step has, got "
                    + options.get(BAND_MASK));
        }
        return length.ofRows(options.with(RATE, ((AudioTable) recordings).way().rate()), recordings.rows());
    }

    private static int features(Options options) {
        return options.get(COEFFICIENTS) == 0 ? options.get(BANDS) : options.get(COEFFICIENTS);
    }

    /** How recordings are shown; null for as they are. */
    private static Augmentation augmentation(Options options) {
        SpectrumAugmentation way = SpectrumAugmentation.of(features(options), options.get(DELTAS) ? 2 : 1)
                .bandsLeftOut(options.get(BAND_MASK))
                .timeLeftOut(options.get(TIME_MASK))
                .timeBent(options.get(TIME_WARP))
                .bandsMoved(options.get(BAND_WARP))
                .noise(options.get(NOISE));
        return way.changes() ? way : null;
    }
}
