using System.Diagnostics;

namespace Recipes.Benchmarks;

/// <summary>Stored augmentations replayed with the Python Imaging Library (<c>peers/augment.py</c>) in a process of its own, stepped on request.</summary>
internal sealed class PillowPeer : PythonPeer
{
    private PillowPeer(Process process, string version)
        : base(process, version) { }

    /// <summary>Starts the peer on a folder of numbered pictures and augmentations, or says why there is none.</summary>
    public static PillowPeer? Start(string folder, int size, out string why) =>
        Start("augment.py", [folder, $"{size}"], ("PIL", "python3-pil"), (process, version) => new PillowPeer(process, version), out why);

    /// <summary>A part of the work (<c>all</c>, <c>decode</c>, <c>crop</c>, <c>operations</c>) over all pictures.</summary>
    public Arm Arm(string part) => new($"Pillow {Version}", () => Step(part));

    /// <summary>The bytes of a picture's result.</summary>
    public byte[] Result(int index) => Convert.FromBase64String(Ask($"result {index}"));
}
