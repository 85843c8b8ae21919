package org.gatefold.file;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

class HashedStreamTest {
    /** Of "abc", from FIPS 180-2, appendix B.1. */
    private static final String ABC = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";

    private static HashedStream abc() {
        return new HashedStream(new ByteArrayInputStream("abc".getBytes(StandardCharsets.US_ASCII)));
    }

    @Test
    void hashesAllHoweverItWasRead() throws IOException {
        assertThat(abc().hash()).isEqualTo(ABC);
        HashedStream closed = abc();
        assertThat(closed.read()).isEqualTo('a');
        closed.close();
        assertThat(closed.hash()).isEqualTo(ABC);
        HashedStream skipped = abc();
        assertThat(skipped.skip(2)).isEqualTo(2);
        assertThat(skipped.read()).isEqualTo('c');
        assertThat(skipped.hash()).isEqualTo(ABC);
        assertThat(abc().markSupported()).isFalse();
    }
}
