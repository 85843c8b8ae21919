package org.gatefold.data.audio;

import java.util.ArrayList;
import java.util.List;
import org.gatefold.data.table.TextTable;

/**
 * Recordings as steps of log-mel features, as a table of the columns {@link #AUDIO}, which names each, and {@link #LABEL}, its class, if
 * they have one. Immutable as long as nobody writes features, and thread-safe.
 */
public final class AudioTable extends TextTable {
    public static final String AUDIO = "audio";
    public static final String LABEL = "label";

    private final LogMel way;
    private final List<Entry> entries;

    /**
     * One recording.
     *
     * @param name of its file, or its number
     * @param where it stands, for messages
     * @param label its class; null for none
     * @param logMel {@code [step][band]} in decibels; not copied
     */
    @SuppressWarnings("ArrayRecordComponent") // never compared
    public record Entry(String name, String where, String label, float[][] logMel) {}

    /**
     * Takes recordings.
     *
     * @param way how their features were computed
     * @param entries at least one; either all have labels or none
     */
    public AudioTable(String source, LogMel way, List<Entry> entries) {
        super(source);
        if (entries.isEmpty()) {
            throw new IllegalArgumentException(source + ": expected recordings, found none");
        }
        this.way = way;
        this.entries = List.copyOf(entries);
    }

    /** How the features were computed. */
    public LogMel way() {
        return way;
    }

    /** The features of a recording, {@code [step][band]} in decibels; not a copy. */
    public float[][] logMel(int row) {
        return entries.get(row).logMel();
    }

    @Override
    public List<String> names() {
        return entries.get(0).label() == null ? List.of(AUDIO) : List.of(AUDIO, LABEL);
    }

    @Override
    public int rows() {
        return entries.size();
    }

    @Override
    public String rowName(int row) {
        return entries.get(row).name();
    }

    @Override
    protected List<String> column(String name) {
        List<String> column = new ArrayList<>(rows());
        for (Entry entry : entries) {
            column.add(name.equals(AUDIO) ? entry.name() : entry.label());
        }
        return column;
    }

    @Override
    protected String where(int row) {
        return entries.get(row).where();
    }
}
