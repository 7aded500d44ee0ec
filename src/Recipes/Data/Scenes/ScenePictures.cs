using Recipes.Display;

namespace Recipes.Data;

/// <summary>A scene and everything known about it, as pictures.</summary>
internal static class ScenePictures
{
    /// <summary>The picture, semantic and instance masks, boxes, depth.</summary>
    public static PictureGrid Of(Scene scene, int size = 160)
    {
        var found = scene.Annotate(size);
        var rgb = scene.Draw(size);
        return new PictureGrid(
            $"Scene {scene.Index} of world {scene.Seed}",
            [
                new Picture(ImageBytes.ToPng(rgb, size, size), Scene.ClassNames[scene.Class]),
                new Picture(PreviewColors.Labels(found.Semantic, size, PreviewColors.Semantic), "semantic mask"),
                new Picture(PreviewColors.Labels(found.Instances, size, PreviewColors.Instance), $"{found.Boxes.Count} instances"),
                new Picture(Boxes(rgb, found), "boxes of what is visible"),
                new Picture(PreviewColors.Depth(found.Depth, size), "depth, light is near"),
            ]
        );
    }

    // Two pixels wide, in the colour of the instance, inside the box.
    private static byte[] Boxes(byte[] rgb, SceneAnnotations found)
    {
        var drawn = (byte[])rgb.Clone();
        for (var i = 0; i < found.Boxes.Count; i++)
        {
            var box = found.Boxes[i];
            for (var y = box.Top; y < box.Bottom; y++)
            {
                for (var x = box.Left; x < box.Right; x++)
                {
                    if (Math.Min(Math.Min(x - box.Left, box.Right - 1 - x), Math.Min(y - box.Top, box.Bottom - 1 - y)) > 1)
                        continue;
                    var at = 3 * (y * found.Size + x);
                    (drawn[at], drawn[at + 1], drawn[at + 2]) = PreviewColors.Instance(i + 1);
                }
            }
        }
        return ImageBytes.ToPng(drawn, found.Size, found.Size);
    }
}
