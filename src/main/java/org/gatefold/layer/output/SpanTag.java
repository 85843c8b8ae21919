package org.gatefold.layer.output;

import java.util.ArrayList;
import java.util.List;

/**
 * A tag that says where in a span a token stands, {@code O} or {@code B-PER}: place and kind of span. Immutable.
 *
 * @param place in the span
 * @param kind what is spanned, empty for {@link Place#OUTSIDE}
 */
public record SpanTag(Place place, String kind) {
    /** Where in a span a token stands. */
    public enum Place {
        /** O: in no span. */
        OUTSIDE,
        /** B: the first of a span. */
        BEGIN,
        /** I: in a span, not the first; in BIOES not the last either. */
        INSIDE,
        /** E: the last of several, in BIOES. */
        END,
        /** S: the only one of a span, in BIOES. */
        SINGLE
    }

    /** How spans are written as tags. */
    public enum Scheme {
        /** B for the first token of each span, I for others (IOB2). */
        BIO,
        /** As BIO, with E for the last token of several, and S for the only one. */
        BIOES;

        /**
         * Reads a tag.
         *
         * @throws IllegalArgumentException if it is none of this scheme
         */
        public SpanTag read(String tag) {
            if (tag != null && tag.equals("O")) {
                return new SpanTag(Place.OUTSIDE, "");
            }
            boolean prefixed = tag != null && tag.length() > 2 && tag.charAt(1) == '-';
            Place place = prefixed ? place(tag.charAt(0)) : null;
            if (place == null) {
                throw new IllegalArgumentException(
                        "tag: expected one of " + name() + ", such as O or B-PER, got '" + tag + "'");
            }
            return new SpanTag(place, tag.substring(2));
        }

        /**
         * The places and kinds of several tags, in their order.
         *
         * @param where what their numbers count, for messages, such as {@code "tags: label"}
         * @throws IllegalArgumentException naming the number of the first that is no tag of this scheme
         */
        public List<SpanTag> readAll(String where, List<String> tags) {
            List<SpanTag> read = new ArrayList<>(tags.size());
            for (int i = 0; i < tags.size(); i++) {
                try {
                    read.add(read(tags.get(i)));
                } catch (IllegalArgumentException e) {
                    throw new IllegalArgumentException(where + " " + i + ": " + e.getMessage(), e);
                }
            }
            return List.copyOf(read);
        }

        private Place place(char prefix) {
            return switch (prefix) {
                case 'B' -> Place.BEGIN;
                case 'I' -> Place.INSIDE;
                case 'E' -> this == BIOES ? Place.END : null;
                case 'S' -> this == BIOES ? Place.SINGLE : null;
                default -> null;
            };
        }
    }

    /** Whether a token with this tag goes on with a span of the same kind. */
    public boolean continues() {
        return place == Place.INSIDE || place == Place.END;
    }
}
