package org.gatefold.data;

import java.util.Arrays;
import java.util.Comparator;
import java.util.stream.IntStream;

/**
 * Cuts a set into batches, in an order that depends on seed and epoch alone.
 *
 * <p>The last batch of an epoch may be smaller; no row is left out. Immutable: options return a changed copy. Safe for many
 * threads; an {@link Epoch} belongs to one.
 */
public final class Batches {
    /** Rows that are shuffled are sorted by length within pools of this many batches. */
    private static final int POOL_BATCHES = 32;

    private final Dataset data;
    private final int batchSize;
    private final Order order;
    private final Cut cut;
    private final Change change;
    private final Share share;

    /** In which order rows come. */
    private record Order(boolean shuffled, long seed, boolean bucketed) {}

    /**
     * How their steps are cut.
     *
     * @param window steps of a window, 0 for whole rows
     * @param continued whether batches go on with the states of those before
     */
    private record Cut(int multiple, int window, boolean continued) {}

    /**
     * Which rows of each batch are taken: of r rows in n parts the first r mod n parts have one row more than the others.
     *
     * @param part from 0
     */
    private record Share(int part, int parts) {
        private static final Share WHOLE = new Share(0, 1);

        int first(int rows) {
            return rows / parts * part + Math.min(part, rows % parts);
        }

        int end(int rows) {
            return new Share(part + 1, parts).first(rows);
        }
    }

    /**
     * What is done to rows of an input before they are shown.
     *
     * @param input its name
     */
    record Change(String input, Augmentation way, long seed) {
        RandomDraws draws(int epoch, int row) {
            return new RandomDraws(new RandomDraws(seed, epoch).next(), row);
        }
    }

    private Batches(Dataset data, int batchSize, Order order, Cut cut, Change change, Share share) {
        this.data = data;
        this.batchSize = batchSize;
        this.order = order;
        this.cut = cut;
        this.change = change;
        this.share = share;
    }

    /** Batches of {@code batchSize} rows in the order of the set. */
    public static Batches of(Dataset data, int batchSize) {
        if (batchSize < 1) {
            throw new IllegalArgumentException("batchSize: expected at least 1, got " + batchSize);
        }
        return new Batches(
                data,
                Math.min(batchSize, data.size()),
                new Order(false, 0, false),
                new Cut(1, 0, false),
                null,
                Share.WHOLE);
    }

    /** Rows in a random order that differs in every epoch. */
    public Batches shuffled(long shuffleSeed) {
        return new Batches(data, batchSize, new Order(true, shuffleSeed, order.bucketed), cut, change, share);
    }

    /** Rows of similar length together, which saves padding; the order of the batches stays random if shuffled. */
    public Batches bucketed() {
        return new Batches(data, batchSize, new Order(order.shuffled, order.seed, true), cut, change, share);
    }

    /** Steps padded to a multiple, so that fewer different sizes occur. */
    public Batches paddedTo(int multiple) {
        if (multiple < 1) {
            throw new IllegalArgumentException("multiple: expected at least 1, got " + multiple);
        }
        return new Batches(data, batchSize, order, new Cut(multiple, cut.window, cut.continued), change, share);
    }

    /**
     * Cuts long sequences into windows of so many steps for truncated back-propagation through time: the windows of the
     * same rows follow each other, and {@link Batch#continues()} tells the trainer to let stateful layers carry their
     * states on. Needs targets per step.
     */
    public Batches windowed(int steps) {
        if (steps < 1) {
            throw new IllegalArgumentException("steps: expected at least 1, got " + steps);
        }
        if (data.targets().isEmpty()
                || data.targets().stream().anyMatch(target -> !target.form().sequence())) {
            throw new IllegalArgumentException("windowed: expected targets or labels per step, got one per row");
        }
        if (!data.isAligned()) {
            throw new IllegalArgumentException(
                    "windowed: expected inputs and targets of equally many steps in every row, got others");
        }
        if (change != null) {
            throw new IllegalArgumentException("windowed: expected rows as they are, got augmented ones");
        }
        return new Batches(data, batchSize, order, new Cut(cut.multiple, steps, false), null, share);
    }

    /**
     * Lets each batch go on with the states of the batch before, row by row, through a whole epoch: row i of a batch is the
     * sequel of row i of the batch before, as of Keras's stateful layers. Trainer and evaluation take batches so wherever the
     * model carries states; batches that are cut into windows go on from window to window alone and stay as they are.
     *
     * @throws IllegalArgumentException if the rows are shuffled or bucketed, or the batches are not of equally many rows
     */
    public Batches continued() {
        if (cut.window > 0 || cut.continued) {
            return this;
        }
        if (order.shuffled || order.bucketed) {
            throw new IllegalArgumentException(
                    "batches: expected rows in the order of the set, since states are carried from"
                            + " batch to batch; got " + (order.shuffled ? "shuffled" : "bucketed") + " rows");
        }
        if (data.size() % batchSize != 0) {
            throw new IllegalArgumentException(
                    "batches: expected equally many rows in every batch, since states are carried"
                            + " from row to row; got " + data.size() + " rows in batches of " + batchSize);
        }
        return new Batches(data, batchSize, order, new Cut(cut.multiple, 0, true), change, share);
    }

    /**
     * Shows the rows of an input otherwise in every epoch; {@link Epoch}s {@link #inOrder}, by which a model is evaluated, are
     * left as they are.
     *
     * @param input the name of an input of numbers
     * @param way what is done to a row
     * @param augmentationSeed of its draws
     * @throws IllegalArgumentException if there is no such input, or if the batches are cut into windows
     */
    public Batches augmented(String input, Augmentation way, long augmentationSeed) {
        if (data.inputs().stream().noneMatch(column -> column.name().equals(input) && column.holdsNumbers())) {
            throw new IllegalArgumentException("input: expected one of numbers among "
                    + data.inputs().stream().map(Column::name).toList() + ", got '" + input + "'");
        }
        if (cut.window > 0) {
            throw new IllegalArgumentException("augmented: expected whole rows, got windows of them");
        }
        return new Batches(data, batchSize, order, cut, new Change(input, way, augmentationSeed), share);
    }

    /**
     * A part of every batch, for one of several that work on it together: all parts of a batch have its rows, each once, and are of equal
     * size but for a row. Where a last batch has fewer rows than there are parts, the last parts have one batch less.
     *
     * @param part from 0
     * @throws IllegalArgumentException if batches have fewer rows than there are parts
     */
    public Batches share(int part, int parts) {
        if (part < 0 || part >= parts) {
            throw new IllegalArgumentException("part: expected 0 to " + (parts - 1) + ", got " + part);
        }
        if (batchSize < parts) {
            throw new IllegalArgumentException(
                    "batches: expected at least " + parts + " rows, one for each part, got " + batchSize);
        }
        return new Batches(data, batchSize, order, cut, change, new Share(part, parts));
    }

    public Dataset data() {
        return data;
    }

    public int batchSize() {
        return batchSize;
    }

    /** What decides the order of the rows, in words; equal texts on equal data give equal batches. */
    public String description() {
        return "rows=" + data.size() + " batch=" + batchSize + (order.shuffled ? " shuffled=" + order.seed : "")
                + (order.bucketed ? " bucketed" : "") + (cut.multiple > 1 ? " padded=" + cut.multiple : "")
                + (cut.window > 0 ? " window=" + cut.window : "") + (cut.continued ? " continued" : "")
                + (change == null ? "" : " augmented=" + change.seed + " " + change.way.description())
                + (share.parts == 1 ? "" : " part=" + share.part + "/" + share.parts);
    }

    /** The batches of one epoch, counted from 0. */
    public Epoch epoch(int epoch) {
        return new Epoch(rows(epoch), change, epoch);
    }

    /** The batches in the order of the set, whatever was said about shuffling and bucketing; for evaluation. */
    public Epoch inOrder() {
        return new Epoch(IntStream.range(0, data.size()).toArray(), null, 0);
    }

    private int[] rows(int epoch) {
        int size = data.size();
        int[] rows = IntStream.range(0, size).toArray();
        RandomDraws draws = new RandomDraws(order.seed, epoch);
        if (order.shuffled) {
            shuffle(rows, size, draws);
        }
        if (!order.bucketed) {
            return rows;
        }
        int pool = order.shuffled ? (int) Math.min(size, (long) POOL_BATCHES * batchSize) : size;
        int[] sorted = new int[size];
        for (int from = 0; from < size; from += pool) {
            int[] part = IntStream.range(from, Math.min(size, from + pool))
                    .mapToObj(i -> rows[i])
                    .sorted(Comparator.comparingInt(data::steps))
                    .mapToInt(Integer::intValue)
                    .toArray();
            System.arraycopy(part, 0, sorted, from, part.length);
        }
        return order.shuffled ? shuffledBatches(sorted, draws) : sorted;
    }

    /** Shuffles whole batches; the last one stays last, because it may be smaller. */
    private int[] shuffledBatches(int[] rows, RandomDraws draws) {
        int full = rows.length / batchSize;
        int[] batches = IntStream.range(0, full).toArray();
        shuffle(batches, full, draws);
        int[] result = rows.clone();
        for (int i = 0; i < full; i++) {
            System.arraycopy(rows, batches[i] * batchSize, result, i * batchSize, batchSize);
        }
        return result;
    }

    /** Fisher and Yates's shuffle: the same permutation on every Java release. */
    private static void shuffle(int[] values, int count, RandomDraws draws) {
        for (int i = count - 1; i > 0; i--) {
            int j = draws.below(i + 1);
            int swapped = values[i];
            values[i] = values[j];
            values[j] = swapped;
        }
    }

    /** One pass over the rows. One thread at a time. */
    public final class Epoch {
        private final int[] order;
        private final int[] firstRows;
        private final int[] endRows;
        private final int[] firstSteps;
        private final Batch batch;

        private Epoch(int[] order, Change change, int epoch) {
            this.order = order;
            this.batch = new Batch(data, change, epoch);
            IntStream.Builder rows = IntStream.builder();
            IntStream.Builder ends = IntStream.builder();
            IntStream.Builder steps = IntStream.builder();
            for (int from = 0; from < order.length; from += batchSize) {
                int count = Math.min(batchSize, order.length - from);
                if (share.first(count) == share.end(count)) {
                    continue;
                }
                // All parts have as many windows as the longest row of the batch.
                int longest = cut.window > 0 ? longest(from, from + count) : 0;
                int first = 0;
                do {
                    rows.add(from + share.first(count));
                    ends.add(from + share.end(count));
                    steps.add(first);
                    first += cut.window;
                } while (first < longest);
            }
            firstRows = rows.build().toArray();
            endRows = ends.build().toArray();
            firstSteps = steps.build().toArray();
        }

        private int longest(int from, int to) {
            return Arrays.stream(order, from, to).map(data::steps).max().orElse(0);
        }

        /** Number of batches. */
        public int count() {
            return firstRows.length;
        }

        /** Batch {@code index}; it overwrites the one handed out before. */
        public Batch batch(int index) {
            requireIndex(index);
            int from = firstRows[index];
            int steps = cut.window > 0 ? cut.window : Integer.MAX_VALUE;
            batch.fill(order, from, endRows[index] - from, firstSteps[index], steps, cut.multiple, continues(index));
            return batch;
        }

        /** The row of the set behind each row of batch {@code index}. */
        public int[] rows(int index) {
            requireIndex(index);
            return Arrays.copyOfRange(order, firstRows[index], endRows[index]);
        }

        /** True if batch {@code index} goes on with the rows of the batch before; false behind the last batch. */
        public boolean continues(int index) {
            return index < count() && (firstSteps[index] > 0 || (cut.continued && index > 0));
        }

        private void requireIndex(int index) {
            if (index < 0 || index >= count()) {
                throw new IndexOutOfBoundsException("batch " + index + " of " + count());
            }
        }
    }
}
