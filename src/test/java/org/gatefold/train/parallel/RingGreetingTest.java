package org.gatefold.train.parallel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ByteChannel;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.junit.jupiter.api.Test;

/** How neighbours come to a connection that is encrypted, or to none. */
class RingGreetingTest {
    private static final int PATIENCE_MILLIS = 60_000;

    /** What becomes of one who connects to another. */
    private static void offered(RingGreeting accepting, RingGreeting connecting, Checked check) throws Exception {
        try (ServerSocketChannel server = ServerSocketChannel.open()) {
            server.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
            try (SocketChannel channel = SocketChannel.open(server.getLocalAddress());
                    SocketChannel accepted = server.accept()) {
                CompletableFuture<Optional<RingConnection>> answer = CompletableFuture.supplyAsync(() -> {
                    try {
                        return accepting.answer(accepted, 0, 2);
                    } catch (IOException e) {
                        throw new CompletionException(e);
                    }
                });
                RingConnection offered = connecting.offer(channel, 0, 1, 2, PATIENCE_MILLIS);
                check.of(offered, answer.get().orElseThrow(), accepted);
            }
        }
    }

    private interface Checked {
        void of(RingConnection offered, RingConnection answered, SocketChannel wire) throws Exception;
    }

    private static RingGreeting greeting(boolean encrypted) {
        return new RingGreeting(Workers.SECRET, encrypted);
    }

    private static byte[] word() {
        return "what is told".getBytes(StandardCharsets.UTF_8);
    }

    private static String heard(ByteChannel channel, int bytes) throws IOException {
        ByteBuffer buffer = ByteBuffer.allocate(bytes);
        while (buffer.hasRemaining()) {
            channel.read(buffer);
        }
        return new String(buffer.array(), StandardCharsets.ISO_8859_1);
    }

    @Test
    void neighboursHearEachOtherAndNobodyElseHearsThem() throws Exception {
        offered(greeting(true), greeting(true), (offered, answered, wire) -> {
            offered.bytes().write(ByteBuffer.wrap(word()));
            assertThat(heard(answered.bytes(), word().length)).isEqualTo("what is told");
            answered.bytes().write(ByteBuffer.wrap(word()));
            assertThat(heard(offered.bytes(), word().length)).isEqualTo("what is told");
            offered.bytes().write(ByteBuffer.wrap(word()));
            assertThat(heard(wire, word().length + 20)).doesNotContain("told");
        });
        offered(greeting(false), greeting(false), (offered, answered, wire) -> {
            offered.bytes().write(ByteBuffer.wrap(word()));
            assertThat(heard(wire, word().length)).isEqualTo("what is told");
        });
    }

    /** Every connection has keys of its own, so that what goes over one is nothing to another. */
    @Test
    void twoConnectionsOfTheSameSecretDiffer() throws Exception {
        String[] told = new String[2];
        for (int i = 0; i < told.length; i++) {
            int number = i;
            offered(greeting(true), greeting(true), (offered, answered, wire) -> {
                offered.bytes().write(ByteBuffer.wrap(word()));
                told[number] = heard(wire, word().length + 20);
            });
        }
        assertThat(told[0].substring(4)).isNotEqualTo(told[1].substring(4));
    }

    @Test
    void oneWhoEncryptsAndOneWhoDoesNotRefuseEachOther() {
        assertThatThrownBy(() -> offered(greeting(true), greeting(false), (offered, answered, wire) -> {}))
                .isInstanceOf(IOException.class)
                .hasMessage("it encrypts, and this worker does not");
        assertThatThrownBy(() -> offered(greeting(false), greeting(true), (offered, answered, wire) -> {}))
                .isInstanceOf(IOException.class)
                .hasMessage("it does not encrypt, and this worker does");
    }
}
