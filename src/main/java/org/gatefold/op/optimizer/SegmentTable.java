package org.gatefold.op.optimizer;

import java.util.ArrayList;
import java.util.List;
import org.gatefold.device.Scope;
import org.gatefold.op.Arguments;
import org.gatefold.tensor.Shape;
import org.gatefold.tensor.Tensor;

/**
 * The parts of a flat buffer that a plan works on, as kernels read them: the segments, and in place of those that are limited to some of
 * their rows, each of these rows, behind the others.
 *
 * <p>Its memory is the plan's. One thread at a time.
 */
public final class SegmentTable {
    private final Scope scope;
    private final Segments segments;
    private final Rows[] limits;
    private List<Segments.Segment> list;
    private int[] owners;
    private int whole;
    private Tensor room;
    private Tensor words;

    /** Some rows of a segment. */
    private static final class Rows {
        private final int width;
        private int[] numbers = {};
        private int count;

        Rows(int width) {
            this.width = width;
        }
    }

    SegmentTable(Scope scope, Segments segments) {
        this.scope = scope;
        this.segments = segments;
        this.limits = new Rows[segments.count()];
        this.owners = new int[segments.count()];
        this.room = scope.i32("segments", segments.count() * Segments.WORDS);
        build();
    }

    void limit(int segment, int width, int[] rows, int count) {
        Segments.Segment limited = segments.list().get(segment);
        if (width < 1 || limited.length() % width != 0) {
            throw new IllegalArgumentException("width: expected a divisor of the " + limited.length() + " numbers of '"
                    + limited.name() + "', got " + width);
        }
        Arguments.requireAtLeast("count", 0, count);
        long most = limited.length() / width;
        for (int i = 0; i < count; i++) {
            if (rows[i] < (i == 0 ? 0 : rows[i - 1] + 1) || rows[i] >= most) {
                throw new IllegalArgumentException("rows[" + i + "]: expected rows of '" + limited.name() + "', 0 to "
                        + (most - 1) + ", each once and ascending, got " + rows[i]);
            }
        }
        if (limits[segment] == null || limits[segment].width != width) {
            limits[segment] = new Rows(width);
        }
        Rows own = limits[segment];
        if (own.numbers.length < count) {
            own.numbers = new int[Math.max(count, 2 * own.numbers.length)];
        }
        System.arraycopy(rows, 0, own.numbers, 0, count);
        own.count = count;
        list = null;
    }

    private void build() {
        List<Segments.Segment> parts = new ArrayList<>();
        int[] from = new int[capacity()];
        for (int i = 0; i < limits.length; i++) {
            if (limits[i] == null) {
                from[parts.size()] = i;
                parts.add(segments.list().get(i));
            }
        }
        whole = parts.size();
        for (int i = 0; i < limits.length; i++) {
            for (int k = 0; limits[i] != null && k < limits[i].count; k++) {
                Segments.Segment of = segments.list().get(i);
                long offset = of.offset() + (long) limits[i].numbers[k] * limits[i].width;
                from[parts.size()] = i;
                parts.add(new Segments.Segment(of.name(), offset, limits[i].width, of.learningRate(), of.penalty()));
            }
        }
        if (parts.isEmpty()) {
            // Kernels want a part; this one has no elements.
            parts.add(new Segments.Segment(segments.list().get(0).name(), 0, 0, 0f, 0f));
            whole = 1;
        }
        int size = parts.size() * Segments.WORDS;
        if (room.elements() < size) {
            room = scope.i32("segments", Math.toIntExact(Math.max(size, 2 * room.elements())));
        }
        words = room.part("segments", 0, Shape.of(size));
        words.write(Segments.words(parts));
        owners = from;
        list = parts;
    }

    private int capacity() {
        int count = limits.length;
        for (Rows rows : limits) {
            count += rows == null ? 0 : rows.count;
        }
        return count;
    }

    /** The parts: those that are whole segments first. */
    public List<Segments.Segment> list() {
        if (list == null) {
            build();
        }
        return list;
    }

    /** Number of parts. */
    public int count() {
        return list().size();
    }

    /** How many parts, the first ones, are whole segments. */
    public int whole() {
        list();
        return whole;
    }

    /** Whether any segment is limited to rows. */
    public boolean isLimited() {
        for (Rows rows : limits) {
            if (rows != null) {
                return true;
            }
        }
        return false;
    }

    /** The segment that a part belongs to. */
    public int owner(int part) {
        list();
        return owners[part];
    }

    /** {@code [count * WORDS]} of I32: the parts as {@link Segments#words} gives them. */
    public Tensor words() {
        list();
        return words;
    }
}
