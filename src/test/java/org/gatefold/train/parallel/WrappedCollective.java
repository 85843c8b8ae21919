package org.gatefold.train.parallel;

import java.util.List;

/** Workers that are others but for their sums; for what watches these or slows them down. */
public interface WrappedCollective extends Collective {
    /** The others. */
    Collective workers();

    @Override
    default int rank() {
        return workers().rank();
    }

    @Override
    default int size() {
        return workers().size();
    }

    @Override
    default List<byte[]> allGather(byte[] mine) {
        return workers().allGather(mine);
    }

    @Override
    default void abort(String reason) {
        workers().abort(reason);
    }

    @Override
    default void close() {
        workers().close();
    }
}
