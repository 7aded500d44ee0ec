namespace Recipes.Data;

/// <summary>The two parts of a data set.</summary>
public enum Split
{
    /// <summary>For training.</summary>
    Train,

    /// <summary>For measuring.</summary>
    Test,
}

/// <summary>Labelled pictures that can be read in any order from any thread.</summary>
public interface IImageSet
{
    /// <summary>The source's name and the split, for example <c>cifar10/train</c>.</summary>
    string Name { get; }

    /// <summary>How many pictures.</summary>
    int Count { get; }

    /// <summary>The names of the classes.</summary>
    IReadOnlyList<string> Classes { get; }

    /// <summary>The class of a picture, from 0.</summary>
    int Label(int index);

    /// <summary>
    /// Reads a picture as a square of <paramref name="size"/> pixels: the shorter side is resized (antialiased), the middle of
    /// the longer one is kept. Grey pictures fill the three channels.
    /// </summary>
    /// <param name="index">0 to Count - 1.</param>
    /// <param name="size">Side in pixels.</param>
    /// <param name="rgb">Receives <c>[size, size, 3]</c>.</param>
    void Read(int index, int size, Span<byte> rgb);
}
