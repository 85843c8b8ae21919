package org.gatefold.spark.column;

import java.io.Serializable;
import java.util.Arrays;
import java.util.List;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.StructType;

/** A column of a frame, with the column whose value names a row in messages about it. Immutable. */
public final class KeyedColumn implements Serializable {
    private static final long serialVersionUID = 1L;

    private final String name;
    private final int index;
    private final String key;
    private final int keyIndex;

    /**
     * @param key the column that names rows; none if empty
     * @throws IllegalArgumentException if there is no such column
     */
    public KeyedColumn(StructType schema, String name, String key) {
        this.name = name;
        this.index = index(schema, name);
        this.key = key;
        this.keyIndex = key.isEmpty() ? -1 : index(schema, key);
    }

    private static int index(StructType schema, String column) {
        List<String> names = Arrays.asList(schema.fieldNames());
        if (!names.contains(column)) {
            throw new IllegalArgumentException("column: expected one of " + names + ", got '" + column + "'");
        }
        return names.indexOf(column);
    }

    /** Checks that there are the columns; an empty key is none. */
    public static DataType require(StructType schema, String name, String key) {
        if (!key.isEmpty()) {
            index(schema, key);
        }
        return schema.fields()[index(schema, name)].dataType();
    }

    public Object value(Row row) {
        return row.get(index);
    }

    /** The column and a row of it, as messages name them. */
    public String words(Row row) {
        return "column '" + name + "'" + (keyIndex < 0 ? "" : ", row with " + key + " = " + row.get(keyIndex));
    }

    public IllegalArgumentException wrong(Row row, String what) {
        return new IllegalArgumentException(words(row) + ": " + what);
    }
}
