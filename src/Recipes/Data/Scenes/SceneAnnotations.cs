namespace Recipes.Data;

/// <summary>A rectangle of pixels: columns Left to Right - 1 and rows Top to Bottom - 1.</summary>
/// <param name="Left">First column.</param>
/// <param name="Top">First row.</param>
/// <param name="Right">One past the last column.</param>
/// <param name="Bottom">One past the last row.</param>
public readonly record struct PixelBox(int Left, int Top, int Right, int Bottom)
{
    /// <summary>Columns.</summary>
    public int Width => Right - Left;

    /// <summary>Rows.</summary>
    public int Height => Bottom - Top;

    /// <summary>True when no pixel is in it.</summary>
    public bool IsEmpty => Right <= Left || Bottom <= Top;
}

/// <summary>What is where in a drawing, all from one decision per pixel: the nearest thing that covers at least half of it.</summary>
/// <param name="Size">Side in pixels.</param>
/// <param name="Instances"><c>[H, W]</c> row by row: 0 background, i + 1 for <c>Objects[i]</c>, and the next number for the word.</param>
/// <param name="Semantic"><c>[H, W]</c>: 0 background, 1 + shape for objects, 11 for the word.</param>
/// <param name="Depth"><c>[H, W]</c>: metres.</param>
/// <param name="Boxes">The tight box of each instance's visible pixels, in instance order; empty where none is visible.</param>
public sealed record SceneAnnotations(int Size, byte[] Instances, byte[] Semantic, float[] Depth, IReadOnlyList<PixelBox> Boxes)
{
    /// <summary>The visible pixels of one instance, <c>[H, W]</c>.</summary>
    /// <param name="instance">1 and up.</param>
    public bool[] Mask(int instance) => Array.ConvertAll(Instances, i => i == instance);

    internal static SceneAnnotations From(Scene scene, int size, byte[] instances)
    {
        var count = scene.Objects.Count + (scene.Word is null ? 0 : 1);
        var labels = new byte[count + 1];
        var depths = new float[count + 1];
        depths[0] = (float)Scene.BackgroundDistance;
        for (var i = 0; i < scene.Objects.Count; i++)
            (labels[i + 1], depths[i + 1]) = ((byte)(1 + (int)scene.Objects[i].Shape), (float)scene.Objects[i].Distance);
        if (scene.Word is not null)
            (labels[count], depths[count]) = (Scene.WordLabel, (float)Scene.WordDistance);
        return new SceneAnnotations(
            size,
            instances,
            Array.ConvertAll(instances, i => labels[i]),
            Array.ConvertAll(instances, i => depths[i]),
            Tight(instances, size, count)
        );
    }

    private static PixelBox[] Tight(byte[] instances, int size, int count)
    {
        var boxes = new PixelBox[count];
        for (var p = 0; p < instances.Length; p++)
        {
            if (instances[p] == 0)
                continue;
            ref var box = ref boxes[instances[p] - 1];
            var (x, y) = (p % size, p / size);
            box = box.IsEmpty
                ? new PixelBox(x, y, x + 1, y + 1)
                : new PixelBox(Math.Min(box.Left, x), box.Top, Math.Max(box.Right, x + 1), y + 1);
        }
        return boxes;
    }
}
