using System.Diagnostics;

namespace Recipes.Data;

/// <summary>Drawing a scene in one call.</summary>
public static class SceneDrawing
{
    /// <summary>The picture: <c>size * size * 3</c> bytes, row by row, red, green, blue.</summary>
    public static byte[] Draw(this Scene scene, int size)
    {
        var rgb = new byte[3 * size * size];
        ScenePainter.Shared.Paint(scene, size, rgb);
        return rgb;
    }

    /// <summary>Masks, boxes and depth at this resolution.</summary>
    public static SceneAnnotations Annotate(this Scene scene, int size) => ScenePainter.Shared.Annotate(scene, size);

    /// <summary>Makes and draws scenes 0 to <paramref name="count"/> - 1 on the calling thread and returns how many it made a second.</summary>
    /// <param name="size">Side in pixels.</param>
    /// <param name="count">How many.</param>
    /// <param name="seed">The world.</param>
    public static double ScenesPerSecond(int size = 64, int count = 4000, long seed = 0)
    {
        var rgb = new byte[3 * size * size];
        var clock = Stopwatch.StartNew();
        for (var i = 0; i < count; i++)
            ScenePainter.Shared.Paint(Scene.At(seed, i), size, rgb);
        return count / clock.Elapsed.TotalSeconds;
    }
}
