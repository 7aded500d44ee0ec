using System.Text;

namespace Recipes;

/// <summary>
/// A small deterministic generator (SplitMix64 over a counter), the same on every platform. One seed gives named,
/// independent streams ("init", "order", "augment", "mix"), and a stream with keys (epoch, sample) can be entered
/// anywhere, so results do not depend on threads and a run can be resumed exactly.
/// </summary>
public struct Rng
{
    private const ulong Golden = 0x9E3779B97F4A7C15;
    private readonly ulong _key;
    private ulong _count;

    private Rng(ulong key) => _key = key;

    /// <summary>The stream of this name, and of these keys within it.</summary>
    public static Rng Stream(long seed, string name, params long[] keys)
    {
        var key = Mix((ulong)seed ^ Fnv1a(name));
        foreach (var k in keys)
            key = Mix(key + (ulong)k);
        return new Rng(key);
    }

    /// <summary>A uniform 64-bit number.</summary>
    public ulong NextUInt64() => Mix(_key + _count++ * Golden);

    /// <summary>A uniform number in [0, 1) with 53 random bits.</summary>
    public double NextDouble() => (NextUInt64() >> 11) * (1.0 / (1UL << 53));

    /// <summary>A uniform number in [low, high).</summary>
    public double NextDouble(double low, double high) => low + (high - low) * NextDouble();

    /// <summary>A uniform integer in [0, bound).</summary>
    public int NextInt(int bound) => (int)Math.BigMul(NextUInt64(), (ulong)bound, out _);

    /// <summary>A uniform integer in [low, high).</summary>
    public int NextInt(int low, int high) => low + NextInt(high - low);

    /// <summary>True with this probability.</summary>
    public bool NextBool(double probability = 0.5) => NextDouble() < probability;

    /// <summary>A standard normal number (Box-Muller, one of the pair).</summary>
    public double NextNormal() => Math.Sqrt(-2 * Math.Log(1 - NextDouble())) * Math.Cos(2 * Math.PI * NextDouble());

    /// <summary>A permutation of 0 … count-1 (Fisher-Yates).</summary>
    public int[] Permutation(int count)
    {
        var order = Enumerable.Range(0, count).ToArray();
        for (var i = count - 1; i > 0; i--)
        {
            var j = NextInt(i + 1);
            (order[i], order[j]) = (order[j], order[i]);
        }
        return order;
    }

    /// <summary>SplitMix64's output function after one step (goldens/README's <c>mix</c>).</summary>
    public static ulong Mix(ulong x)
    {
        x += Golden;
        x = (x ^ (x >> 30)) * 0xBF58476D1CE4E5B9;
        x = (x ^ (x >> 27)) * 0x94D049BB133111EB;
        return x ^ (x >> 31);
    }

    /// <summary>FNV-1a, 64 bits, of the name's UTF-8 bytes.</summary>
    public static ulong Fnv1a(string name)
    {
        var hash = 0xcbf29ce484222325UL;
        foreach (var b in Encoding.UTF8.GetBytes(name))
            hash = (hash ^ b) * 0x100000001b3;
        return hash;
    }
}
