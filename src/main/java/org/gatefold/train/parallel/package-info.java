/** Several workers that train one model together: what they tell each other, and a ring of sockets that carries it. */
package org.gatefold.train.parallel;
