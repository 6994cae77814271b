export type Json = string | number | boolean | null | { [key: string]: Json | undefined } | Json[];

export type Database = {
  public: {
    Tables: {
      circles: {
        Row: {
          care_frequency: number;
          circle_name: string;
          created_at: string;
          description: string | null;
          id: number;
          updated_at: string;
          user_id: string;
        };
        ComputedFields: never;
        Insert: {
          care_frequency?: number;
          circle_name: string;
          created_at?: string;
          description?: string | null;
          id?: never;
          updated_at?: string;
          user_id?: string;
        };
        Update: {
          care_frequency?: number;
          circle_name?: string;
          created_at?: string;
          description?: string | null;
          id?: never;
          updated_at?: string;
          user_id?: string;
        };
        Relationships: [
          {
            foreignKeyName: "circles_user_id_fkey";
            columns: ["user_id"];
            isOneToOne: false;
            referencedRelation: "users";
            referencedColumns: ["id"];
          },
        ];
      };
      intention_cares: {
        Row: {
          created_at: string;
          id: number;
          intention_id: number;
          thought_id: number;
          user_id: string;
        };
        ComputedFields: never;
        Insert: {
          created_at?: string;
          id?: never;
          intention_id: number;
          thought_id: number;
          user_id?: string;
        };
        Update: {
          created_at?: string;
          id?: never;
          intention_id?: number;
          thought_id?: number;
          user_id?: string;
        };
        Relationships: [
          {
            foreignKeyName: "intention_cares_user_id_fkey";
            columns: ["user_id"];
            isOneToOne: false;
            referencedRelation: "users";
            referencedColumns: ["id"];
          },
          {
            foreignKeyName: "intention_cares_user_id_intention_id_fkey";
            columns: ["user_id", "intention_id"];
            isOneToOne: false;
            referencedRelation: "intentions";
            referencedColumns: ["user_id", "id"];
          },
          {
            foreignKeyName: "intention_cares_user_id_thought_id_fkey";
            columns: ["user_id", "thought_id"];
            isOneToOne: false;
            referencedRelation: "thoughts";
            referencedColumns: ["user_id", "id"];
          },
        ];
      };
      intentions: {
        Row: {
          created_at: string;
          id: number;
          intention_text: string;
          status: Database["public"]["Enums"]["intention_status"];
          updated_at: string;
          user_id: string;
        };
        ComputedFields: never;
        Insert: {
          created_at?: string;
          id?: never;
          intention_text: string;
          status?: Database["public"]["Enums"]["intention_status"];
          updated_at?: string;
          user_id?: string;
        };
        Update: {
          created_at?: string;
          id?: never;
          intention_text?: string;
          status?: Database["public"]["Enums"]["intention_status"];
          updated_at?: string;
          user_id?: string;
        };
        Relationships: [
          {
            foreignKeyName: "intentions_user_id_fkey";
            columns: ["user_id"];
            isOneToOne: false;
            referencedRelation: "users";
            referencedColumns: ["id"];
          },
        ];
      };
      stories: {
        Row: {
          completed_at: string;
          created_at: string;
          id: number;
          intention_id: number | null;
          story_text: string;
          user_id: string;
        };
        ComputedFields: never;
        Insert: {
          completed_at?: string;
          created_at?: string;
          id?: never;
          intention_id?: number | null;
          story_text: string;
          user_id?: string;
        };
        Update: {
          completed_at?: string;
          created_at?: string;
          id?: never;
          intention_id?: number | null;
          story_text?: string;
          user_id?: string;
        };
        Relationships: [
          {
            foreignKeyName: "stories_user_id_fkey";
            columns: ["user_id"];
            isOneToOne: false;
            referencedRelation: "users";
            referencedColumns: ["id"];
          },
          {
            foreignKeyName: "stories_user_id_intention_id_fkey";
            columns: ["user_id", "intention_id"];
            isOneToOne: false;
            referencedRelation: "intentions";
            referencedColumns: ["user_id", "id"];
          },
        ];
      };
      thoughts: {
        Row: {
          circle_id: number | null;
          created_at: string;
          id: number;
          novelty_score: number | null;
          reflection: string | null;
          tags: string[] | null;
          thought_text: string;
          updated_at: string;
          user_id: string;
        };
        ComputedFields: never;
        Insert: {
          circle_id?: number | null;
          created_at?: string;
          id?: never;
          novelty_score?: number | null;
          reflection?: string | null;
          tags?: string[] | null;
          thought_text: string;
          updated_at?: string;
          user_id?: string;
        };
        Update: {
          circle_id?: number | null;
          created_at?: string;
          id?: never;
          novelty_score?: number | null;
          reflection?: string | null;
          tags?: string[] | null;
          thought_text?: string;
          updated_at?: string;
          user_id?: string;
        };
        Relationships: [
          {
            foreignKeyName: "thoughts_user_id_circle_id_fkey";
            columns: ["user_id", "circle_id"];
            isOneToOne: false;
            referencedRelation: "circles";
            referencedColumns: ["user_id", "id"];
          },
          {
            foreignKeyName: "thoughts_user_id_fkey";
            columns: ["user_id"];
            isOneToOne: false;
            referencedRelation: "users";
            referencedColumns: ["id"];
          },
        ];
      };
      user_preferences: {
        Row: {
          communication_preferences: Json | null;
          created_at: string;
          custom_hours: Json | null;
          id: string;
          onboarding_completed: boolean;
          theme: string;
          updated_at: string;
          user_id: string;
        };
        ComputedFields: never;
        Insert: {
          communication_preferences?: Json | null;
          created_at?: string;
          custom_hours?: Json | null;
          id?: string;
          onboarding_completed?: boolean;
          theme?: string;
          updated_at?: string;
          user_id?: string;
        };
        Update: {
          communication_preferences?: Json | null;
          created_at?: string;
          custom_hours?: Json | null;
          id?: string;
          onboarding_completed?: boolean;
          theme?: string;
          updated_at?: string;
          user_id?: string;
        };
        Relationships: [
          {
            foreignKeyName: "user_preferences_user_id_fkey";
            columns: ["user_id"];
            isOneToOne: true;
            referencedRelation: "users";
            referencedColumns: ["id"];
          },
        ];
      };
      users: {
        Row: {
          auth_user_id: string | null;
          clerk_user_id: string | null;
          created_at: string;
          email: string | null;
          id: string;
          is_anonymous: boolean;
          name: string;
          phone: string | null;
          timezone: string;
          updated_at: string;
          vibe_profile: Json | null;
        };
        ComputedFields: never;
        Insert: {
          auth_user_id?: string | null;
          clerk_user_id?: string | null;
          created_at?: string;
          email?: string | null;
          id?: string;
          is_anonymous?: boolean;
          name: string;
          phone?: string | null;
          timezone?: string;
          updated_at?: string;
          vibe_profile?: Json | null;
        };
        Update: {
          auth_user_id?: string | null;
          clerk_user_id?: string | null;
          created_at?: string;
          email?: string | null;
          id?: string;
          is_anonymous?: boolean;
          name?: string;
          phone?: string | null;
          timezone?: string;
          updated_at?: string;
          vibe_profile?: Json | null;
        };
        Relationships: [];
      };
    };
    Views: {
      [_ in never]: never;
    };
    Functions: {
      backend_health: { Args: Record<PropertyKey, never>; Returns: Json };
      complete_intention: {
        Args: { intention_id: number; story_text: string };
        Returns: {
          completed_at: string;
          created_at: string;
          id: number;
          intention_id: number | null;
          story_text: string;
          user_id: string;
        };
        SetofOptions: {
          from: "*";
          to: "stories";
          isOneToOne: true;
          isSetofReturn: false;
        };
      };
      ensure_user: {
        Args: Record<PropertyKey, never>;
        Returns: {
          auth_user_id: string | null;
          clerk_user_id: string | null;
          created_at: string;
          email: string | null;
          id: string;
          is_anonymous: boolean;
          name: string;
          phone: string | null;
          timezone: string;
          updated_at: string;
          vibe_profile: Json | null;
        };
        SetofOptions: {
          from: "*";
          to: "users";
          isOneToOne: true;
          isSetofReturn: false;
        };
      };
    };
    Enums: {
      intention_status: "active" | "completed" | "archived";
    };
    CompositeTypes: {
      [_ in never]: never;
    };
  };
};

type DatabaseWithoutInternals = Omit<Database, "__InternalSupabase">;

type DefaultSchema = DatabaseWithoutInternals[Extract<keyof Database, "public">];

export type Tables<
  DefaultSchemaTableNameOrOptions extends
    keyof (DefaultSchema["Tables"] & DefaultSchema["Views"]) | { schema: keyof DatabaseWithoutInternals },
  TableName extends (DefaultSchemaTableNameOrOptions extends {
    schema: keyof DatabaseWithoutInternals;
  }
    ? keyof (DatabaseWithoutInternals[DefaultSchemaTableNameOrOptions["schema"]]["Tables"] &
        DatabaseWithoutInternals[DefaultSchemaTableNameOrOptions["schema"]]["Views"])
    : never) = never,
> = DefaultSchemaTableNameOrOptions extends { schema: keyof DatabaseWithoutInternals }
  ? (DatabaseWithoutInternals[DefaultSchemaTableNameOrOptions["schema"]]["Tables"] &
      DatabaseWithoutInternals[DefaultSchemaTableNameOrOptions["schema"]]["Views"])[TableName] extends {
      Row: infer R;
    }
    ? R
    : never
  : DefaultSchemaTableNameOrOptions extends keyof (DefaultSchema["Tables"] & DefaultSchema["Views"])
    ? (DefaultSchema["Tables"] & DefaultSchema["Views"])[DefaultSchemaTableNameOrOptions] extends {
        Row: infer R;
      }
      ? R
      : never
    : never;

export type TablesInsert<
  DefaultSchemaTableNameOrOptions extends keyof DefaultSchema["Tables"] | { schema: keyof DatabaseWithoutInternals },
  TableName extends (DefaultSchemaTableNameOrOptions extends {
    schema: keyof DatabaseWithoutInternals;
  }
    ? keyof DatabaseWithoutInternals[DefaultSchemaTableNameOrOptions["schema"]]["Tables"]
    : never) = never,
> = DefaultSchemaTableNameOrOptions extends { schema: keyof DatabaseWithoutInternals }
  ? DatabaseWithoutInternals[DefaultSchemaTableNameOrOptions["schema"]]["Tables"][TableName] extends {
      Insert: infer I;
    }
    ? I
    : never
  : DefaultSchemaTableNameOrOptions extends keyof DefaultSchema["Tables"]
    ? DefaultSchema["Tables"][DefaultSchemaTableNameOrOptions] extends {
        Insert: infer I;
      }
      ? I
      : never
    : never;

export type TablesUpdate<
  DefaultSchemaTableNameOrOptions extends keyof DefaultSchema["Tables"] | { schema: keyof DatabaseWithoutInternals },
  TableName extends (DefaultSchemaTableNameOrOptions extends {
    schema: keyof DatabaseWithoutInternals;
  }
    ? keyof DatabaseWithoutInternals[DefaultSchemaTableNameOrOptions["schema"]]["Tables"]
    : never) = never,
> = DefaultSchemaTableNameOrOptions extends { schema: keyof DatabaseWithoutInternals }
  ? DatabaseWithoutInternals[DefaultSchemaTableNameOrOptions["schema"]]["Tables"][TableName] extends {
      Update: infer U;
    }
    ? U
    : never
  : DefaultSchemaTableNameOrOptions extends keyof DefaultSchema["Tables"]
    ? DefaultSchema["Tables"][DefaultSchemaTableNameOrOptions] extends {
        Update: infer U;
      }
      ? U
      : never
    : never;

export type Enums<
  DefaultSchemaEnumNameOrOptions extends keyof DefaultSchema["Enums"] | { schema: keyof DatabaseWithoutInternals },
  EnumName extends (DefaultSchemaEnumNameOrOptions extends {
    schema: keyof DatabaseWithoutInternals;
  }
    ? keyof DatabaseWithoutInternals[DefaultSchemaEnumNameOrOptions["schema"]]["Enums"]
    : never) = never,
> = DefaultSchemaEnumNameOrOptions extends { schema: keyof DatabaseWithoutInternals }
  ? DatabaseWithoutInternals[DefaultSchemaEnumNameOrOptions["schema"]]["Enums"][EnumName]
  : DefaultSchemaEnumNameOrOptions extends keyof DefaultSchema["Enums"]
    ? DefaultSchema["Enums"][DefaultSchemaEnumNameOrOptions]
    : never;

export type CompositeTypes<
  PublicCompositeTypeNameOrOptions extends
    keyof DefaultSchema["CompositeTypes"] | { schema: keyof DatabaseWithoutInternals },
  CompositeTypeName extends (PublicCompositeTypeNameOrOptions extends {
    schema: keyof DatabaseWithoutInternals;
  }
    ? keyof DatabaseWithoutInternals[PublicCompositeTypeNameOrOptions["schema"]]["CompositeTypes"]
    : never) = never,
> = PublicCompositeTypeNameOrOptions extends { schema: keyof DatabaseWithoutInternals }
  ? DatabaseWithoutInternals[PublicCompositeTypeNameOrOptions["schema"]]["CompositeTypes"][CompositeTypeName]
  : PublicCompositeTypeNameOrOptions extends keyof DefaultSchema["CompositeTypes"]
    ? DefaultSchema["CompositeTypes"][PublicCompositeTypeNameOrOptions]
    : never;

export const Constants = {
  public: {
    Enums: {
      intention_status: ["active", "completed", "archived"],
    },
  },
} as const;
