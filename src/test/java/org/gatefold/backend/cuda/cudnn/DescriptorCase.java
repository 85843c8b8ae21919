package org.gatefold.backend.cuda.cudnn;

import java.util.List;
import java.util.function.Supplier;

/**
 * Calls on cuDNN's descriptors with what they return, as seen on the real library.
 *
 * @param name says what is called
 * @param calls makes the calls; the statuses and the values read back, in order
 * @param expected what the real library returns
 */
record DescriptorCase(String name, Supplier<List<Object>> calls, List<Object> expected) {
    @Override
    public String toString() {
        return name;
    }
}
