namespace Recipes.Data;

/// <summary>A data set is not on this machine. The message says where it was looked for and how to get it.</summary>
public sealed class MissingDataException(string heading, IReadOnlyList<string> searched) : RecipesException(heading, searched);
