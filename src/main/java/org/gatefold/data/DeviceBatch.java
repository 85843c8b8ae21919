package org.gatefold.data;

import java.util.List;

/**
 * A batch on a device: its inputs and targets by name. Valid as long as the scope that it was uploaded to is neither reset
 * nor closed.
 *
 * @param inputs at least one
 * @param targets what is to be learnt; empty if there is nothing
 */
public record DeviceBatch(List<DeviceColumn> inputs, List<DeviceColumn> targets) {
    public DeviceBatch {
        inputs = List.copyOf(inputs);
        targets = List.copyOf(targets);
    }

    /**
     * The input of a name.
     *
     * @throws IllegalArgumentException naming those there are if it is none of them
     */
    public DeviceColumn input(String name) {
        return find("input", inputs, name);
    }

    /**
     * The target of a name.
     *
     * @throws IllegalArgumentException naming those there are if it is none of them
     */
    public DeviceColumn target(String name) {
        return find("target", targets, name);
    }

    /** This batch with one of its targets alone. */
    public DeviceBatch only(String target) {
        return new DeviceBatch(inputs, List.of(target(target)));
    }

    private static DeviceColumn find(String what, List<DeviceColumn> columns, String name) {
        for (DeviceColumn column : columns) {
            if (column.name().equals(name)) {
                return column;
            }
        }
        throw new IllegalArgumentException(what + ": expected one of "
                + columns.stream().map(DeviceColumn::name).toList() + ", got '" + name + "'");
    }
}
