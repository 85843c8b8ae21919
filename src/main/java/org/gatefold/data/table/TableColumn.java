package org.gatefold.data.table;

/** The fields of one column of a table, as many as it has rows. Implementations do not change once in a table. */
interface TableColumn {
    /** The number of fields. */
    int rows();

    /** A field as it is written. */
    String text(int row);

    /** The column of the rows given, in their order. */
    TableColumn rows(int... rows);
}
