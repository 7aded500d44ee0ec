namespace Recipes.Notebook.Cells.Languages;

/// <summary>Types as C# and F# write them.</summary>
internal static class TypeNames
{
    /// <summary>The type, or the nearest base or interface that other code may name.</summary>
    /// <param name="type">Any type.</param>
    /// <param name="referenced">Whether the other language can refer to the type's assembly.</param>
    public static Type Nameable(Type type, Func<Type, bool> referenced)
    {
        for (var t = type; t is not null && t != typeof(object); t = t.BaseType)
        {
            if (Usable(t))
                return t;
        }
        return type.GetInterfaces().Where(Usable).OrderByDescending(i => i.GetInterfaces().Length).FirstOrDefault() ?? typeof(object);

        bool Usable(Type t) =>
            t.IsVisible
            && !t.Name.Contains('<', StringComparison.Ordinal)
            && referenced(t)
            && (!t.IsGenericType || t.GetGenericArguments().All(Usable))
            && (t.GetElementType() is not { } element || Usable(element));
    }

    /// <summary>As C# writes it, in full.</summary>
    public static string CSharp(Type type) =>
        type.IsArray
            ? $"{CSharp(type.GetElementType()!)}[{new string(',', type.GetArrayRank() - 1)}]"
            : Full(type, "global::", t => t.Name, CSharp);

    /// <summary>As F# writes it, in full.</summary>
    public static string FSharp(Type type) =>
        type.IsArray
            ? $"{FSharp(type.GetElementType()!)}[{new string(',', type.GetArrayRank() - 1)}]"
            : Full(type, "global.", SourceName, FSharp);

    private static string Full(Type type, string root, Func<Type, string> source, Func<Type, string> name)
    {
        var arguments = type.GetGenericArguments();
        var used = 0;
        // Outermost first: each takes its own share of the generic arguments.
        var chain = new Stack<Type>();
        for (var t = type; t is not null; t = t.DeclaringType)
            chain.Push(t);
        var parts = chain.Select(t =>
        {
            var own = source(t);
            var mark = own.IndexOf('`', StringComparison.Ordinal);
            if (mark < 0)
                return own;
            var count = t.GetGenericArguments().Length - used;
            var part = $"{own[..mark]}<{string.Join(", ", arguments.Skip(used).Take(count).Select(name))}>";
            used += count;
            return part;
        });
        var space = type.Namespace is { Length: > 0 } n ? n + "." : "";
        return root + space + string.Join(".", parts);
    }

    // F# types carry a compiled name beside the one that F# code writes: FSharpList`1 is List`1 there.
    private static string SourceName(Type type) =>
        type.GetCustomAttributes(typeof(Microsoft.FSharp.Core.CompilationSourceNameAttribute), inherit: false)
            is [Microsoft.FSharp.Core.CompilationSourceNameAttribute name]
            ? name.SourceName
            : type.Name;
}
