package org.gatefold.backend.cuda.cudnn;

import java.util.ArrayList;
import java.util.List;

/**
 * What cuDNN 9.5.1 answers to calls that need no GPU: accepted and refused descriptors, and what is read back from them.
 * The expectations are the real library's answers; the simulated one has to give the same.
 */
final class CudnnDescriptorTable {
    /** The version that the expectations are of, as cuDNN tells it. */
    static final int VERSION = 90501;

    static final int SUCCESS = 0;
    static final int NOT_INITIALIZED = 1001;
    static final int BAD_PARAM = 2000;
    static final int NOT_SUPPORTED = 3000;

    private CudnnDescriptorTable() {}

    static List<DescriptorCase> cases() {
        List<DescriptorCase> all = new ArrayList<>();
        all.addAll(RnnDescriptorCases.all());
        all.addAll(SequenceDescriptorCases.all());
        all.addAll(TensorDescriptorCases.all());
        all.addAll(HandleCases.all());
        return all;
    }
}
