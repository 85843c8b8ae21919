package org.gatefold.data.table;

import java.util.List;

/** A table of one column of texts. Immutable. */
public abstract class OneColumnTable extends TextTable {
    private final String column;
    private final List<String> texts;
    private final String what;

    /**
     * @param source the file or resource, as messages name it
     * @param what a row is, in messages, which number it
     */
    protected OneColumnTable(String source, String column, List<String> texts, String what) {
        super(source);
        this.column = column;
        this.texts = texts;
        this.what = what;
    }

    @Override
    public final List<String> names() {
        return List.of(column);
    }

    @Override
    public final int rows() {
        return texts.size();
    }

    @Override
    protected final List<String> column(String name) {
        return texts;
    }

    @Override
    protected final String where(int row) {
        return source() + ", " + what + " " + (row + 1);
    }
}
