package org.gatefold.exchange;

import java.io.IOException;
import java.util.List;
import java.util.Locale;

/** Tensors by name in one file, or in several that belong together; owns what it has opened. One thread at a time. */
public interface TensorFile extends AutoCloseable {
    /** Names it in messages. */
    String source();

    /** All tensors in the order in which the file lists them. */
    List<StoredTensor> tensors();

    @Override
    void close() throws IOException;

    /** Names, types and shapes in lines, and the number of numbers. */
    default String describe() {
        StringBuilder text = new StringBuilder();
        int width = tensors().stream()
                .mapToInt(tensor -> tensor.name().length())
                .max()
                .orElse(0);
        long numbers = 0;
        for (StoredTensor tensor : tensors()) {
            long size = 1;
            for (long dimension : tensor.shape()) {
                size = Math.multiplyExact(size, dimension);
            }
            numbers = Math.addExact(numbers, size);
            text.append(String.format(
                    "%-" + Math.max(1, width) + "s  %-5s %s%n", tensor.name(), tensor.type(), tensor.shape()));
        }
        return text.append(String.format(
                        Locale.ROOT, "%,d tensors, %,d numbers%n", tensors().size(), numbers))
                .toString()
                .replace("\r\n", "\n");
    }
}
