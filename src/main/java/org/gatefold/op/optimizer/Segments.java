package org.gatefold.op.optimizer;

import java.util.List;
import org.gatefold.op.Arguments;

/**
 * How a flat parameter buffer is divided: every parameter is one segment. Segments do not overlap and are in order;
 * elements between them are padding, which is 0 and stays 0.
 */
public record Segments(List<Segment> list) {
    /**
     * One parameter.
     *
     * @param name its name, for messages
     * @param offset its first element in the flat buffer
     * @param length its number of elements
     * @param learningRate factor on the learning rate; 0 freezes the parameter: neither it nor its state is written
     * @param penalty factor on L1 and L2
     */
    public record Segment(String name, long offset, long length, float learningRate, float penalty) {
        public Segment {
            Arguments.requireNotNegative(name + ".learningRate", learningRate);
            Arguments.requireNotNegative(name + ".penalty", penalty);
        }
    }

    public Segments {
        list = List.copyOf(list);
        if (list.isEmpty()) {
            throw new IllegalArgumentException("segments: expected at least one parameter, got none");
        }
        long end = 0;
        for (Segment segment : list) {
            if (segment.offset() < end
                    || segment.length() < 1
                    || segment.length() > Long.MAX_VALUE - segment.offset()) {
                throw new IllegalArgumentException(
                        "segments: '" + segment.name() + "' at " + segment.offset() + " of length " + segment.length()
                                + " is empty, out of order, overlaps the one before or has no end");
            }
            end = segment.offset() + segment.length();
        }
    }

    /** 32-bit words that a segment takes in {@link #words}. */
    public static final int WORDS = 6;

    /** The segments as native code and kernels read them: offset and length (low word first), the two factors. */
    public int[] words() {
        return words(list);
    }

    static int[] words(List<Segment> list) {
        int[] words = new int[WORDS * list.size()];
        int at = 0;
        for (Segment segment : list) {
            words[at++] = (int) segment.offset();
            words[at++] = (int) (segment.offset() >>> 32);
            words[at++] = (int) segment.length();
            words[at++] = (int) (segment.length() >>> 32);
            words[at++] = Float.floatToRawIntBits(segment.learningRate());
            words[at++] = Float.floatToRawIntBits(segment.penalty());
        }
        return words;
    }

    /** Number of segments. */
    public int count() {
        return list.size();
    }

    /** First element after the last segment. */
    public long end() {
        Segment last = list.get(list.size() - 1);
        return last.offset() + last.length();
    }
}
