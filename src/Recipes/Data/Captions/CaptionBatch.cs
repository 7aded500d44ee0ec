namespace Recipes.Data;

/// <summary>What a batch of captioned pictures holds besides the pictures, for B pictures with C kinds of captions.</summary>
/// <param name="Kinds">C.</param>
/// <param name="Tokens"><c>[B, C, T]</c>.</param>
/// <param name="TeacherImage"><c>[B, ΣD_k]</c>; empty without teachers.</param>
/// <param name="TeacherText"><c>[B, C, ΣD_k]</c>; empty without teachers.</param>
internal sealed record CaptionBatch(int Kinds, long[] Tokens, float[] TeacherImage, float[] TeacherText);
