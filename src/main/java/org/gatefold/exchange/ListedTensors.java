package org.gatefold.exchange;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** A {@link TensorFile} whose tensors are listed when it is opened. One thread at a time. */
public abstract class ListedTensors implements TensorFile {
    private final String source;
    private final List<StoredTensor> tensors = new ArrayList<>();

    protected ListedTensors(Path path) {
        source = path.toString();
    }

    /** Lists a tensor behind those that are listed. */
    protected final void put(StoredTensor tensor) {
        tensors.add(tensor);
    }

    @Override
    public final String source() {
        return source;
    }

    @Override
    public final List<StoredTensor> tensors() {
        return List.copyOf(tensors);
    }
}
